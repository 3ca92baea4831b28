import Domain
import HTTPTypes
import Hummingbird
import Jobs

/// `/api/v1/batches`: jobs that are accepted together, and one that follows when all of them have ended.
struct BatchRoutes: Sendable {
    let intake: JobIntake
    let reader: JobReader
    let streams: OpenStreams

    static let maxJobs = 1_000
    static let maxBytes = 4_194_304

    func mount(on router: RouterGroup<GatewayContext>) {
        router.post("batches", use: post)
        router.get("batches/:id", use: show)
    }

    private struct Body: Decodable {
        var jobs: [PostedJob]
        var callback: PostedJob?

        private enum CodingKeys: String, CodingKey { case jobs, callback }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            var fields = FieldReader(container)
            jobs = try container.decode([PostedJob].self, forKey: .jobs)
            callback = try container.decodeIfPresent(PostedJob.self, forKey: .callback)
            if !(1...maxJobs).contains(jobs.count) { fields.report(.jobs, "must be 1 to \(maxJobs) jobs") }
            if callback.map({ $0.specification().start != .now }) == true {
                fields.report(.callback, "must have no delay_seconds and no run_at: it starts when the jobs have ended")
            }
            try fields.finish()
        }
    }

    @Sendable func post(_ request: Request, context: GatewayContext) async throws -> Response {
        let tenant = try context.requireTenant()
        let bytes = try await BodyReader.bytes(request, upTo: Self.maxBytes)
        let body = try BodyReader.decode(Body.self, from: bytes)
        let trace = context.traceparent
        let keyed = try await intake.accept(
            batch: body.jobs.map { $0.specification(trace: trace) }, callback: body.callback?.specification(),
            tenant: tenant, key: try IdempotencyKey.read(request, body: bytes))
        switch keyed {
        case .accepted(let id): return try await answer(id, tenant)
        case .replayed(let id): return try await answer(id, tenant, isReplay: true)
        case .conflict: throw IdempotencyKey.conflict
        case .inProgress: throw IdempotencyKey.inProgress
        }
    }

    private func answer(_ id: BatchID, _ tenant: TenantID, isReplay: Bool = false) async throws -> Response {
        guard let batch = try await intake.store.findBatch(id, tenant: tenant) else { throw Problem.notFound("batch") }
        var headers: HTTPFields = [.location: BatchAnswer.path(id)]
        if isReplay { headers[.idempotencyReplayed] = "true" }
        return .json(BatchAnswer(batch).writer, status: .accepted, headers: headers)
    }

    @Sendable func show(_ request: Request, context: GatewayContext) async throws -> Response {
        let tenant = try context.requireTenant()
        let seconds = try QueryReader(request: request).int("wait", default: 0, in: 0...JobRoutes.maxWaitSeconds)
        let place = seconds > 0 ? try streams.enter(context.requirePrincipal()) : nil
        defer { withExtendedLifetime(place) {} }
        guard let id = context.parameters.get("id").flatMap({ BatchID($0) }),
            let batch = try await reader.wait(id, tenant: tenant, for: .seconds(seconds))
        else { throw Problem.notFound("batch") }
        return .json(BatchAnswer(batch).writer)
    }
}
