import Domain
import Hummingbird
import Jobs

/// What operators and their cron do, with a service key: `/api/v1/sweeps` and `/api/v1/queues`.
struct ServiceRoutes: Sendable {
    let intake: JobIntake

    /// Every sweep and the command that does it.
    private static let sweeps: [String: @Sendable () throws -> JobSpecification] = [
        "accounts": { try SweepAccounts().specification() },
        "calendars": { try SweepCalendars().specification() },
        "retention": { try SweepRetention().specification() },
        "tokens": { try SweepTokens().specification() },
    ]

    func mount(on router: RouterGroup<GatewayContext>) {
        router.post("sweeps/:name", use: sweep)
        router.post("queues/:name/pause") { try await set(paused: true, $0, $1) }
        router.post("queues/:name/resume") { try await set(paused: false, $0, $1) }
    }

    /// A sweep that waits to start does the work of another trigger as well: two of them do no harm.
    @Sendable func sweep(_ request: Request, context: GatewayContext) async throws -> Response {
        try context.require(.operate)
        guard let make = context.parameters.get("name").flatMap({ Self.sweeps[$0] }) else {
            throw Problem.notFound("sweep: there are \(Self.sweeps.keys.sorted().joined(separator: ", "))")
        }
        var specification = try make()
        specification.unique = Uniqueness(
            key: ReservedKey.sweep.of(specification.kind.rawValue), scope: .pending, onConflict: .coalesce)
        specification.trace = context.traceparent
        let job = specification
        return try JobRoutes.answer(try await intake.accept(tenant: .operators, key: nil) { _ in job })
    }

    private func set(paused: Bool, _ request: Request, _ context: GatewayContext) async throws -> Response {
        try context.require(.operate)
        guard let name = context.parameters.get("name").flatMap({ QueueName($0) }) else {
            throw Problem.notFound("queue: a name has \(PostedJob.queueNames)")
        }
        try await intake.setPaused(paused, queue: name)
        var writer = JSONWriter(capacity: 64)
        writer.object { object in
            object.field("name", name.rawValue)
            object.field("paused", paused)
        }
        return .json(writer)
    }
}
