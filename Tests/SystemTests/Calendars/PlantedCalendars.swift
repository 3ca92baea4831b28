import Domain
import Foundation
import HTTPTransport
import Jobs
import Postgres
import Redis
import Store
import TestSupport
import Testing
import Vault

/// A gateway, and calendars as a worker's syncs would have left them.
struct PlantedCalendars: Sendable {
    let connecting: ConnectSystem
    /// As a worker.
    let pool: PostgresPool

    var system: TestSystem { connecting.system }
    var client: APIClient { connecting.accounts.client }
    var calendars: Calendars { Calendars(pool: pool) }

    static func with(
        _ settings: [String: String] = [:], _ body: @Sendable (PlantedCalendars) async throws -> Void
    ) async throws {
        try await ConnectSystem.with(settings, worker: false) { connecting in
            try await connecting.system.stores.withPool(as: "errand_worker") { pool in
                try await body(PlantedCalendars(connecting: connecting, pool: pool))
            }
        }
    }

    static let scopes = [
        "https://www.googleapis.com/auth/calendar.events",
        "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
    ]

    /// A connected Google account of the tenant of `client`, or of another one.
    func connect(
        _ account: String = "ada@example.com", of tenant: TenantID? = nil, scopes: [String] = scopes
    ) async throws -> ConnectionID {
        let id = ConnectionID.make()
        let insert = Statement(
            "test.calendar_connection",
            """
            INSERT INTO connections (id, tenant_id, provider, account_id, account_name, scopes)
            VALUES ($1, $2, 'google', $3, $3, $4)
            """)
        _ = try await system.owner.execute(
            insert, [.uuid(id.uuid), .uuid((tenant ?? system.tenant).uuid), .text(account), .texts(scopes)])
        return id
    }

    /// Reads an account's list of calendars.
    /// - Returns: the calendars' ids, in the order given.
    func list(_ listed: [ListedCalendar], of account: ConnectionID, tenant: TenantID? = nil) async throws
        -> [CalendarID]
    {
        let tenant = tenant ?? system.tenant
        let run = try await calendars.beginList(of: account, tenant: tenant, full: true)
        _ = try await pool.transaction(settings: RowAccess.tenant(tenant)) { transaction in
            try await calendars.finish(listed, of: run, token: "list", nextInSeconds: 3600, in: transaction)
        }
        let known = try await calendars.list(of: tenant)
        return try listed.map { one in try #require(known.first { $0.externalID == one.id }).id }
    }

    /// One calendar of a new account.
    func calendar(
        _ title: String = "Work", zone: String = "Europe/Berlin", role: String = "owner", _ events: CalendarEvent...
    ) async throws -> CalendarID {
        let account = try await connect("\(UUID())@example.com")
        let listed = ListedCalendar(id: title, title: title, timeZone: zone, color: "#0b8043", accessRole: role)
        let id = try await list([listed], of: account)[0]
        try await sync(id, events, full: true)
        return id
    }

    func sync(_ id: CalendarID, _ events: [CalendarEvent], full: Bool = false, tenant: TenantID? = nil) async throws {
        let tenant = tenant ?? system.tenant
        let run = try await calendars.beginSync(id, tenant: tenant, full: full)
        _ = try await pool.transaction(settings: RowAccess.tenant(tenant)) { transaction in
            try await calendars.finish(
                events, of: run, token: UUID().uuidString, nextInSeconds: 3600, in: transaction)
        }
    }

    /// The provider does not let it be read any more.
    func lose(_ id: CalendarID) async throws {
        let run = try await calendars.beginSync(id, tenant: system.tenant, full: true)
        try await pool.transaction(settings: RowAccess.tenant(system.tenant)) { transaction in
            try await calendars.lose(run, reason: "notFound", in: transaction)
        }
    }

    /// Wakes those who wait, as the commit of a job does.
    func wake() async throws {
        let stores = system.stores
        let redis = RedisClient(configuration: try stores.redisConfiguration, logger: TestStores.silent)
        let signals = JobSignals(redis: redis, names: stores.names, logger: TestStores.silent)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await redis.run() }
            await signals.announce([], topics: [.calendars(of: system.tenant)], through: Fuse())
            group.cancelAll()
        }
    }

    /// A watch channel and its secret.
    func channel(_ id: CalendarID, resource: String? = "resource-1") async throws -> (id: ChannelID, secret: String) {
        let (channel, secret) = (ChannelID.make(), RandomSecret.make())
        let channels = CalendarChannels(pool: pool)
        try await channels.open(channel, calendar: id, tenant: system.tenant, digest: secret.digest)
        if let resource {
            _ = try await channels.opened(
                channel, resourceID: resource, expiresAt: Date().addingTimeInterval(3600), tenant: system.tenant)
        }
        return (channel, secret.text)
    }

    func get(_ path: String, _ headers: [(name: String, value: String)] = []) async throws -> APIClient.Answer {
        try await client.send("GET", "/api/v1" + path, headers: headers)
    }

    /// The object of an answer that must be a success.
    func object(_ path: String) async throws -> [String: Any] {
        let answer = try await get(path)
        try #require(answer.status == 200, "\(path): \(answer.text)")
        return try Self.object(answer)
    }

    static func object(_ answer: APIClient.Answer) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    /// A number that a query of the database finds.
    func jobs(_ kind: String) async throws -> Int { try await connecting.jobCount(kind) }
}

extension CalendarEvent {
    /// From an instant, for so many minutes.
    static func timed(
        _ id: String, _ start: String, minutes: Double = 60, zone: String? = nil,
        _ change: (inout Self) -> Void = { _ in }
    ) throws -> CalendarEvent {
        let instant = try #require(RFC3339.date(start))
        var event = CalendarEvent(
            id: id, start: .time(instant, zone: zone), end: .time(instant.addingTimeInterval(minutes * 60), zone: zone))
        event.summary = id
        event.etag = "\"\(id.utf8.count)\""
        change(&event)
        return event
    }

    static func days(_ id: String, _ first: String, until end: String) throws -> CalendarEvent {
        var event = CalendarEvent(
            id: id, start: .day(try #require(CalendarDay(first))), end: .day(try #require(CalendarDay(end))))
        event.summary = id
        return event
    }

    /// A cancelled occurrence.
    static func hole(_ id: String, of series: String, _ original: String) throws -> CalendarEvent {
        var event = CalendarEvent(id: id, status: .cancelled)
        event.series = series
        event.original = .time(try #require(RFC3339.date(original)), zone: nil)
        return event
    }
}
