import Domain
import Hummingbird
import Jobs
import Postgres
import Store

/// What the routes of calendars stand on.
struct CalendarParts: Sendable {
    /// `nil`: no accounts can be connected here, so there are no calendars.
    let connections: ConnectionParts?
    let calendars: Calendars
    let channels: CalendarChannels
    let intake: JobIntake
    let topics: TopicReader
    let streams: OpenStreams

    /// The longest `?wait=`, in seconds.
    static let maxWaitSeconds = 25

    init(
        connections: ConnectionParts?, pool: PostgresPool, intake: JobIntake, topics: TopicReader, streams: OpenStreams
    ) {
        self.connections = connections
        calendars = Calendars(pool: pool)
        channels = CalendarChannels(pool: pool)
        self.intake = intake
        self.topics = topics
        self.streams = streams
    }

    /// The calendar that a path names.
    /// - Throws: `Problem` (404), `CalendarError`.
    func find(_ context: GatewayContext) async throws -> MirroredCalendar {
        _ = try connections.orOff()
        return try await calendars.find(Self.id(context), tenant: try context.requireTenant())
    }

    static func id(_ context: GatewayContext) throws -> CalendarID {
        guard let id = context.parameters.get("id").flatMap({ CalendarID($0) }) else {
            throw Problem.notFound("calendar")
        }
        return id
    }

    /// The provider's id of the event that a path names.
    static func event(_ context: GatewayContext) throws -> String {
        guard let id = context.parameters.get("event").flatMap({ FormReader.segment($0) }), StoredText.accepts(id),
            (1...WriteEvent.maxEventIDLength).contains(id.utf8.count)
        else { throw Problem.notFound("event") }
        return id
    }

    /// The account's name of every connection.
    func accounts(of tenant: TenantID, _ parts: ConnectionParts) async throws -> [ConnectionID: String] {
        let found = try await parts.connections.list(of: tenant)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.accountName) })
    }

    /// Waits, at most so long as the request says and holding a place among the open waits, until there is something.
    func wait<Found: Sendable>(
        _ seconds: Int, _ context: GatewayContext, look: () async throws -> Found?
    ) async throws -> Found? {
        let place = seconds > 0 ? try streams.enter(context.requirePrincipal()) : nil
        defer { withExtendedLifetime(place) {} }
        return try await topics.wait(.calendars(of: context.requireTenant()), for: .seconds(seconds), look: look)
    }

    static func waitSeconds(_ query: QueryReader) throws -> Int {
        try query.int("wait", default: 0, in: 0...maxWaitSeconds)
    }
}
