import Domain
import Hummingbird
import Jobs

/// What a person does with jobs that are there: bring them back, put them aside, end them. One by one below
/// `/api/v1/jobs/{id}`, or by filter below `/api/v1/jobs`.
struct ControlRoutes: Sendable {
    let intake: JobIntake

    func mount(on router: RouterGroup<GatewayContext>) {
        let jobs = router.group("jobs")
        jobs.post(":id/cancel", use: cancel)
        jobs.post(":id/retry", use: retry)
        jobs.post(":id/discard", use: discard)
        jobs.post("cancel", use: cancelMany)
        jobs.post("retry", use: retryMany)
        jobs.post("discard", use: discardMany)
    }

    @Sendable func cancel(_ request: Request, context: GatewayContext) async throws -> Response {
        switch try await intake.cancel(JobRoutes.id(context), tenant: context.requireTenant()) {
        case .notFound: throw Problem.notFound("job")
        case .ended(let job), .tooLate(let job): return Self.answer(job)
        case .requested(let job, _): return Self.answer(job, status: .accepted)
        }
    }

    @Sendable func retry(_ request: Request, context: GatewayContext) async throws -> Response {
        let tenant = try context.requireTenant()
        switch try await intake.retry(JobRoutes.id(context), tenant: tenant, by: context.asker) {
        case .done(let job): return Self.answer(job, status: .accepted)
        case .notFound: throw Problem.notFound("job")
        case .refused(let job) where job.state == .failed || job.state == .cancelled:
            throw Problem(
                status: .conflict, code: "unique_key_taken",
                detail: "Another job with its unique key waits already; that one will do the work.")
        case .refused(let job):
            throw Self.refused(job, "Only a failed or cancelled job can be retried")
        }
    }

    @Sendable func discard(_ request: Request, context: GatewayContext) async throws -> Response {
        switch try await intake.discard(JobRoutes.id(context), tenant: context.requireTenant()) {
        case .done(let job): return Self.answer(job)
        case .notFound: throw Problem.notFound("job")
        case .refused(let job): throw Self.refused(job, "Only a failed job can be discarded")
        }
    }

    private static func refused(_ job: Job, _ rule: String) -> Problem {
        Problem(status: .conflict, code: "wrong_state", detail: "\(rule); this one is \(job.state.rawValue).")
    }

    private static func answer(_ job: Job, status: HTTPResponse.Status = .ok) -> Response {
        var writer = JSONWriter()
        JobAnswer(job).write(to: &writer)
        return .json(writer, status: status)
    }

    /// Which jobs are meant: at least one part must say so.
    private struct Body: Decodable {
        var selection: JobSelection

        private enum CodingKeys: String, CodingKey {
            case state, queue, kind, limit
            case failureCode = "failure_code"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            var fields = FieldReader(container)
            let states = "must be one of \(JobState.allCases.map(\.rawValue).joined(separator: ", "))"
            selection = JobSelection(
                state: try fields.value(.state, states, JobState.init(rawValue:)),
                queue: try fields.value(.queue, "must be a queue's name") { QueueName($0) },
                kind: try fields.key(.kind).map(JobKind.init(rawValue:)), failureCode: try fields.key(.failureCode),
                limit: try fields.int(.limit, in: 1...JobSelection.maxLimit) ?? JobSelection.maxLimit)
            if selection == JobSelection(limit: selection.limit) {
                fields.report(.state, "or queue, kind or failure_code must say which jobs")
            }
            try fields.finish()
        }

        /// - Throws: `InvalidCommand` when the state is none of these.
        func selection(of states: Set<JobState>, _ what: String) throws -> JobSelection {
            if let state = selection.state, !states.contains(state) {
                throw InvalidCommand(field: "state", "must be \(what)")
            }
            return selection
        }
    }

    @Sendable func cancelMany(_ request: Request, context: GatewayContext) async throws -> Response {
        let selection = try await Self.body(request).selection(
            of: [.scheduled, .queued, .running, .waiting], "scheduled, queued, running or waiting")
        let moved = try await intake.cancel(selection, tenant: context.requireTenant())
        return Self.answer(moved) { object in
            object.field("cancelled", moved.jobs.count)
            object.field("cancelling", moved.asked.count)
        }
    }

    @Sendable func retryMany(_ request: Request, context: GatewayContext) async throws -> Response {
        let selection = try await Self.body(request).selection(of: [.failed, .cancelled], "failed or cancelled")
        let moved = try await intake.retry(selection, tenant: context.requireTenant(), by: context.asker)
        return Self.answer(moved) { $0.field("retried", moved.jobs.count) }
    }

    @Sendable func discardMany(_ request: Request, context: GatewayContext) async throws -> Response {
        let selection = try await Self.body(request).selection(of: [.failed], "failed")
        let moved = try await intake.discard(selection, tenant: context.requireTenant())
        return Self.answer(moved) { $0.field("discarded", moved.jobs.count) }
    }

    private static func body(_ request: Request) async throws -> Body {
        try BodyReader.decode(Body.self, from: try await BodyReader.bytes(request))
    }

    private static func answer(_ moved: JobStore.Moved, _ counts: (inout JSONWriter) -> Void) -> Response {
        var writer = JSONWriter(capacity: 64)
        writer.object { object in
            counts(&object)
            object.field("more", moved.isMore)
        }
        return .json(writer)
    }
}

extension GatewayContext {
    /// Who asks, for the record of what people did: the request's id is in the log, and in its answer.
    var asker: String { "\(principal?.name ?? "nobody"), request \(requestID)" }
}
