import Domain
import HTTPTypes
import Hummingbird
import Jobs
import ServiceLifecycle

/// `/api/v1/jobs`.
struct JobRoutes: Sendable {
    let intake: JobIntake
    let reader: JobReader
    let streams: OpenStreams
    /// Whether somebody who was let in a while ago still would be. An error means that it cannot be told now.
    var isStillGood: @Sendable (Principal) async throws -> Bool = { _ in true }

    /// The longest `?wait=`, in seconds.
    static let maxWaitSeconds = 60

    func mount(on router: RouterGroup<GatewayContext>) {
        let jobs = router.group("jobs")
        jobs.post(use: post)
        jobs.get(use: list)
        jobs.get(":id", use: show)
        jobs.get(":id/events", use: events)
    }

    @Sendable func post(_ request: Request, context: GatewayContext) async throws -> Response {
        let tenant = try context.requireTenant()
        let body = try await BodyReader.bytes(request)
        let posted = try BodyReader.decode(PostedJob.self, from: body)
        let specification = posted.specification(trace: context.traceparent)
        let key = try IdempotencyKey.read(request, body: body)
        if key == nil, specification.unique == nil {
            return Self.accepted(try await intake.accept(NewJob(tenant: tenant, specification: specification)))
        }
        return try Self.answer(try await intake.accept(tenant: tenant, key: key) { _ in specification })
    }

    /// The answer to a request that may have a key.
    static func answer(_ keyed: JobIntake.Keyed) throws -> Response {
        switch keyed {
        case .accepted(let job): return accepted(job)
        case .deduplicated(let job): return accepted(job) { $0.field("deduplicated", true) }
        case .replayed(let job): return accepted(job, isReplay: true)
        case .conflict: throw IdempotencyKey.conflict
        case .inProgress: throw IdempotencyKey.inProgress
        }
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = QueryReader(request: request)
        let states = JobState.allCases.map(\.rawValue).joined(separator: ", ")
        let filter = JobFilter(
            state: try query.value("state", JobState.init(rawValue:), "must be one of \(states)"),
            queue: try query.value("queue", { QueueName($0) }, "must be a queue's name"),
            kind: try query.value("kind", Self.kind, "must be 1 to 100 characters"),
            before: try query.cursor { JobID($0) })
        let limit = try query.limit()
        // One more than asked for tells whether there is a next page.
        let found = try await intake.store.list(filter, tenant: context.requireTenant(), limit: limit + 1)
        return Page(found, limit: limit).response("jobs", bytesEach: 600, cursor: \.id.description) { job, object in
            JobAnswer(job).writeFields(to: &object)
        }
    }

    private static func kind(_ text: String) -> JobKind? {
        (1...100).contains(text.unicodeScalars.count) ? JobKind(rawValue: text) : nil
    }

    @Sendable func show(_ request: Request, context: GatewayContext) async throws -> Response {
        let seconds = try QueryReader(request: request).int("wait", default: 0, in: 0...Self.maxWaitSeconds)
        let place = seconds > 0 ? try streams.enter(context.requirePrincipal()) : nil
        defer { withExtendedLifetime(place) {} }
        let job = try await reader.wait(Self.id(context), tenant: context.requireTenant(), for: .seconds(seconds))
        guard let job else { throw Problem.notFound("job") }
        var writer = JSONWriter()
        JobAnswer(job).write(to: &writer)
        return .json(writer)
    }

    private struct SignedOut: Error {}

    @Sendable func events(_ request: Request, context: GatewayContext) async throws -> Response {
        let job = try await reader.wait(Self.id(context), tenant: context.requireTenant(), for: .zero)
        guard let job else { throw Problem.notFound("job") }
        let cursor = try Self.cursor(request)
        let principal = try context.requirePrincipal()
        let place = try streams.enter(principal)
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store", .xAccelBuffering: "no",
            // A stream that watches for its reader's leaving cannot be followed by another request.
            .connection: "close",
        ]
        let body = ResponseBody { [reader, isStillGood] writer in
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                // A comment at once: proxies and clients then know that the stream is open.
                try await writer.write(ByteBuffer(string: ":\n\n"))
                do {
                    try await reader.follow(job, after: cursor) { item in
                        if let isGood = try? await isStillGood(principal), !isGood { throw SignedOut() }
                        try await writer.write(EventFrame.bytes(item))
                    }
                } catch is SignedOut {
                    // The stream ends like any other that is to be resumed; whoever tries is asked who they are.
                }
            }
            withExtendedLifetime(place) {}
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// `202` with the job and where to find it. Only after its row is durable.
    static func accepted(_ job: Job, isReplay: Bool = false, more: (inout JSONWriter) -> Void = { _ in }) -> Response {
        var writer = JSONWriter(capacity: 768)
        writer.object { object in
            JobAnswer(job).writeFields(to: &object)
            more(&object)
        }
        var headers: HTTPFields = [.location: JobAnswer.path(job.id)]
        if isReplay { headers[.idempotencyReplayed] = "true" }
        return .json(writer, status: .accepted, headers: headers)
    }

    static func id(_ context: GatewayContext) throws -> JobID {
        guard let id = context.parameters.get("id").flatMap({ JobID($0) }) else { throw Problem.notFound("job") }
        return id
    }

    /// Where a reader goes on: `Last-Event-ID`, which a browser sends by itself, or `?cursor=`.
    private static func cursor(_ request: Request) throws -> EventCursor {
        let expected = "must be the id of an event, such as 1-42"
        let asked = try QueryReader(request: request).value("cursor", { EventCursor($0) }, expected)
        guard let text = request.headers[.lastEventID] else { return asked ?? .start }
        guard let received = EventCursor(text) else { throw Problem.invalid("Last-Event-ID", expected) }
        return received
    }
}
