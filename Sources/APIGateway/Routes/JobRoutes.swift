import Domain
import HTTPTypes
import Hummingbird
import Jobs
import ServiceLifecycle

/// `/api/v1/jobs`.
struct JobRoutes: Sendable {
    let intake: JobIntake
    let reader: JobReader

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
            kind: query.text("kind").map(JobKind.init(rawValue:)),
            before: try query.value("cursor", { JobID($0) }, "must be a next_cursor of an earlier answer"))
        let limit = try query.limit()
        // One more than asked for tells whether there is a next page.
        let found = try await intake.store.list(filter, tenant: context.requireTenant(), limit: limit + 1)
        let jobs = found.prefix(limit)
        var writer = JSONWriter(capacity: 600 * (jobs.count + 1))
        writer.object { object in
            object.key("jobs")
            object.array { array in for job in jobs { JobAnswer(job).write(to: &array) } }
            object.field("next_cursor", found.count > limit ? jobs.last?.id.description : nil)
        }
        return .json(writer)
    }

    @Sendable func show(_ request: Request, context: GatewayContext) async throws -> Response {
        let seconds = try QueryReader(request: request).int("wait", default: 0, in: 0...Self.maxWaitSeconds)
        let job = try await reader.wait(Self.id(context), tenant: context.requireTenant(), for: .seconds(seconds))
        guard let job else { throw Problem.notFound("job") }
        var writer = JSONWriter()
        JobAnswer(job).write(to: &writer)
        return .json(writer)
    }

    @Sendable func events(_ request: Request, context: GatewayContext) async throws -> Response {
        let job = try await reader.wait(Self.id(context), tenant: context.requireTenant(), for: .zero)
        guard let job else { throw Problem.notFound("job") }
        let cursor = try Self.cursor(request)
        let headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store", .xAccelBuffering: "no",
            // A stream that watches for its reader's leaving cannot be followed by another request.
            .connection: "close",
        ]
        let body = ResponseBody { [reader] writer in
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                // A comment at once: proxies and clients then know that the stream is open.
                try await writer.write(ByteBuffer(string: ":\n\n"))
                try await reader.follow(job, after: cursor) { item in
                    try await writer.write(EventFrame.bytes(item))
                }
            }
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
        let named = [
            ("Last-Event-ID", request.headers[.lastEventID]), ("cursor", QueryReader(request: request).text("cursor")),
        ]
        for case (let name, let text?) in named where !text.isEmpty {
            guard let cursor = EventCursor(text) else {
                throw Problem.invalid(name, "must be the id of an event, such as 1-42")
            }
            return cursor
        }
        return .start
    }
}
