import Domain
import FoundationEssentials
import Jobs
import Postgres
import TestSupport

@testable import Store

/// Accounts with calendars of one test, as the worker's role, and what happens to them.
struct MirroredPeople: Sendable {
    let connected: ConnectedPeople

    var engine: Engine { connected.engine }
    var calendars: Calendars { Calendars(pool: engine.workerPool) }
    var channels: CalendarChannels { CalendarChannels(pool: engine.workerPool) }
    var sweep: CalendarSweep { CalendarSweep(pool: engine.workerPool) }

    static func with(_ body: @Sendable (MirroredPeople) async throws -> Void) async throws {
        try await ConnectedPeople.with { try await body(MirroredPeople(connected: $0)) }
    }

    /// An account that may read calendars.
    func account(of tenant: TenantID = .make(), named name: String = "account") async throws -> Connection {
        var tokens = ConnectedPeople.hour
        tokens.scopes = [CalendarSweep.scopes[1]]
        return try await connected.connect(of: tenant, account: name, tokens)
    }

    /// A calendar that has just been listed.
    func calendar(
        of tenant: TenantID = .make(), _ listed: ListedCalendar = ListedCalendar(id: "primary", title: "Mine")
    ) async throws -> MirroredCalendar {
        let account = try await account(of: tenant)
        let id = try await list([listed], of: account)[0]
        return try await calendars.find(id, tenant: tenant)
    }

    /// Reads an account's list in one page.
    func list(
        _ listed: [ListedCalendar], of account: Connection, full: Bool = true, token: String = "listed"
    ) async throws -> [CalendarID] {
        let run = try await calendars.beginList(of: account.id, tenant: account.tenant, full: full)
        return try await finish(listed, of: run, token: token)
    }

    func finish(
        _ listed: [ListedCalendar], of run: Calendars.ListRun, token: String = "listed"
    ) async throws -> [CalendarID] {
        let calendars = calendars
        return try await acting(for: run.tenant) {
            try await calendars.finish(listed, of: run, token: token, nextInSeconds: 3600, in: $0)
        }
    }

    func begin(_ calendar: MirroredCalendar, full: Bool = false) async throws -> Calendars.SyncRun {
        try await calendars.beginSync(calendar.id, tenant: calendar.tenant, full: full)
    }

    @discardableResult
    func finish(
        _ events: [CalendarEvent], of run: Calendars.SyncRun, token: String = "token", nextInSeconds: Double = 3600
    ) async throws -> Int {
        let calendars = calendars
        return try await acting(for: run.calendar.tenant) {
            try await calendars.finish(events, of: run, token: token, nextInSeconds: nextInSeconds, in: $0)
        }
    }

    /// As a worker begins one: it claims nothing where what changed does.
    func look(_ calendar: MirroredCalendar, full: Bool = false) async throws -> Calendars.SyncRun {
        if !full, let run = try await calendars.peek(calendar.id, tenant: calendar.tenant) { return run }
        return try await begin(calendar, full: full)
    }

    /// A reading in one page.
    @discardableResult
    func sync(
        _ events: [CalendarEvent], of calendar: MirroredCalendar, full: Bool = false, token: String = "token"
    ) async throws -> Int {
        try await finish(events, of: look(calendar, full: full), token: token)
    }

    func acting<Value: Sendable>(
        for tenant: TenantID, _ body: @Sendable (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await engine.workerPool.transaction(settings: RowAccess.tenant(tenant), body)
    }

    /// Everything that is mirrored of a calendar, by id.
    func events(of calendar: MirroredCalendar) async throws -> [String: CalendarEvent] {
        let page = try await calendars.page(of: calendar.id, after: nil, tenant: calendar.tenant, limit: 100_000)
        return Dictionary(uniqueKeysWithValues: page.map { ($0.id, $0) })
    }

    func found(_ calendar: MirroredCalendar) async throws -> MirroredCalendar {
        try await calendars.find(calendar.id, tenant: calendar.tenant)
    }

    private static let rows = Statement(
        "test.event_rows",
        """
        SELECT string_agg(to_jsonb(item)::text, ' ' ORDER BY event_id), (
            SELECT to_jsonb(calendars)::text FROM calendars WHERE id = $1)
        FROM calendar_events AS item WHERE calendar_id = $1
        """)

    /// All that the database knows of a calendar, to see whether anything changed.
    func fingerprint(_ calendar: MirroredCalendar) async throws -> [String?] {
        let row = try await engine.owner.query(Self.rows, [.uuid(calendar.id.uuid)])[0]
        return [try row.optionalText(0), try row.optionalText(1)]
    }

    private static let broken = Statement(
        "test.broken_mirrors",
        """
        SELECT id::text FROM calendars
        WHERE event_count <> (
                SELECT count(*) FROM calendar_events AS item
                WHERE item.calendar_id = calendars.id AND event IS NOT NULL)
           OR version < coalesce((
                SELECT max(item.version) FROM calendar_events AS item WHERE item.calendar_id = calendars.id), 0)
           OR EXISTS (
                SELECT FROM calendar_events AS item WHERE item.calendar_id = calendars.id AND is_loose
                  AND calendars.sync_token IS NOT NULL AND NOT $1)
        """)

    /// Calendars whose own counts do not fit their events.
    /// - Parameter isUnderWay: a reading is between two pages.
    func brokenMirrors(isUnderWay: Bool = false) async throws -> [String] {
        try await engine.owner.query(Self.broken, [.bool(isUnderWay)]).map { try $0.text(0) }
    }

    func run(_ sql: String) async throws { try await engine.owner.script(sql) }
}

extension CalendarEvent {
    static func moment(_ text: String) -> EventMoment {
        if let day = CalendarDay(text) { return .day(day) }
        guard let date = RFC3339.date(text) else { preconditionFailure("\(text) is no time") }
        return .time(date, zone: "Europe/Berlin")
    }

    /// One that takes an hour.
    static func single(_ id: String, _ start: String = "2026-03-02T09:00:00Z", _ summary: String? = nil) -> Self {
        guard let date = RFC3339.date(start) else { preconditionFailure("\(start) is no time") }
        var event = CalendarEvent(
            id: id, start: moment(start), end: .time(date.addingTimeInterval(3600), zone: "Europe/Berlin"))
        event.summary = summary
        event.etag = summary
        return event
    }

    static func master(
        _ id: String, _ start: String = "2026-03-02T09:00:00Z", rule: String = "RRULE:FREQ=DAILY",
        _ summary: String? = nil
    ) -> Self {
        var event = single(id, start, summary)
        event.recurrence = [rule]
        return event
    }

    /// The occurrence of a series on a day, moved elsewhere.
    static func exception(
        of series: String, on original: String, to start: String? = nil, _ summary: String? = nil
    ) -> Self {
        var event = single("\(series)_\(original)", start ?? original, summary)
        event.series = series
        event.original = moment(original)
        return event
    }

    static func hole(in series: String, on original: String) -> Self {
        var event = CalendarEvent(id: "\(series)_\(original)", status: .cancelled)
        event.series = series
        event.original = moment(original)
        return event
    }

    static func tombstone(_ id: String) -> Self { CalendarEvent(id: id, status: .cancelled) }
}
