import Domain
import Foundation
import HTTPTransport
import Jobs
import Postgres
import Store
import TestSupport
import Testing

/// Workers that mirror the calendars of simulated Google accounts.
struct CalendarSystem: Sendable {
    let renewals: RenewalSystem
    var system: TestSystem { renewals.system }

    static func with(_ body: @Sendable (CalendarSystem) async throws -> Void) async throws {
        try await RenewalSystem.with { try await body(CalendarSystem(renewals: $0)) }
    }

    // MARK: Programs

    static let calm = [
        "CALENDAR_POLL_SECONDS": "86400", "CALENDAR_WATCHED_POLL_SECONDS": "86400",
        "CALENDAR_LIST_POLL_SECONDS": "86400", "CALENDAR_NOTIFICATIONS_URL": "off",
    ]

    /// - Parameter settings: without any, calendars are read when a test asks for it only.
    func startWorker(
        concurrency: Int = 16, base: String? = nil, _ settings: [String: String] = calm
    ) async throws -> ServerProcess {
        try await system.startWorker(
            queues: "default,tokens,calendars", concurrency: concurrency,
            renewals.settings(base: base, timeoutSeconds: 10).merging(settings) { $1 })
    }

    /// A gateway that takes notifications; where they go.
    func startGateway() async throws -> (process: ServerProcess, client: APIClient, address: String) {
        let (gateway, client) = try await system.startGateway(
            renewals.settings().merging(["PUBLIC_URL": "https://errand.example.org"]) { $1 })
        return (gateway, client, client.base + "/api/v1/webhooks/google/calendar")
    }

    // MARK: The simulator

    @discardableResult
    func control(_ method: String, _ path: String, _ body: String? = nil) async throws -> Data {
        let response = try await system.transport.send(
            HTTPRequest(
                method: method, url: "\(system.providerURL)/_simulator/calendar/\(path)",
                headers: [(name: "Content-Type", value: "application/json")], body: body.map { Array($0.utf8) }))
        let data = Data(try await response.body.collect(upTo: 64 << 20))
        let said = String(decoding: data.prefix(300), as: UTF8.self)
        try #require((200..<300).contains(response.status), "\(path): \(said)")
        return data
    }

    func populate(_ accounts: [String], calendars: Int = 1, events: Int = 12, seed: Int = 1) async throws {
        let names = accounts.map { "\"\($0)\"" }.joined(separator: ",")
        for account in accounts { try await renewals.control("POST", "accounts", #"{"name":"\#(account)"}"#) }
        try await control(
            "POST", "populate",
            #"{"accounts":[\#(names)],"calendars":\#(calendars),"events":\#(events),"seed":\#(seed)}"#)
    }

    func mutate(_ account: String, count: Int, seed: Int, kinds: [String]? = nil) async throws {
        let kinds = kinds.map { #","kinds":[\#($0.map { "\"\($0)\"" }.joined(separator: ","))]"# } ?? ""
        try await control(
            "POST", "mutate",
            #"{"account":"\#(account)","calendar":"primary","count":\#(count),"seed":\#(seed)\#(kinds)}"#)
    }

    func fault(_ kind: String, _ more: String = "") async throws {
        try await control("POST", "faults", #"{"kind":"\#(kind)"\#(more.isEmpty ? "" : ",\(more)")}"#)
    }

    /// Waits for so many calls up to half a minute.
    func calls(_ query: String, atLeast count: Int = 0) async throws -> Int {
        struct Calls: Decodable { var calls: [Call] }
        struct Call: Decodable {}
        let data = try await control("GET", "calls?count=\(count)&wait=30&\(query)")
        return try JSONDecoder().decode(Calls.self, from: data).calls.count
    }

    /// What the provider has, by id.
    func truth(_ account: String, _ calendar: String = "primary") async throws -> [String: CalendarEvent] {
        struct Truth: Decodable { var events: [String: CalendarEvent] }
        return try JSONDecoder().decode(
            Truth.self, from: try await control("GET", "truth?account=\(account)&calendar=\(calendar)")
        ).events
    }

    // MARK: The mirror

    static let scopes = ["calendar.events", "calendar.calendarlist.readonly"]
        .map { "https://www.googleapis.com/auth/\($0)" }

    func connect(_ account: String, tenant: TenantID = .make(), lifeSeconds: Int = 3600) async throws -> Connection {
        try await renewals.connect("google", account, tenant: tenant, lifeSeconds: lifeSeconds, scopes: Self.scopes)
    }

    var calendars: Calendars { Calendars(pool: renewals.pool) }

    /// The account's own calendar, once it is listed.
    func primary(of connection: Connection) async throws -> MirroredCalendar {
        try #require(
            try await calendars.list(of: connection.tenant).first { $0.isPrimary && $0.connection == connection.id })
    }

    /// From the list to the last event.
    func read(_ connection: Connection) async throws -> MirroredCalendar {
        try await run([ListCalendars(connection.id)], tenant: connection.tenant)
        try await renewals.until(60) {
            try await calendars.list(of: connection.tenant).allSatisfy { $0.state != .pending }
        }
        // A sweep that came meanwhile has had all of them read once more.
        try await quiet()
        return try await primary(of: connection)
    }

    /// Until nothing about calendars runs or is about to.
    func quiet() async throws {
        try await renewals.until {
            try await system.count(
                """
                SELECT count(*) FROM jobs
                WHERE state IN ('queued', 'running') AND (kind LIKE 'calendar.%' OR kind = 'sweep.calendars')
                """) == 0
        }
    }

    /// To the end of each.
    @discardableResult
    func run(
        _ commands: [any Domain.Command], tenant: TenantID, _ state: String = "succeeded"
    ) async throws -> [JobID] {
        let jobs = try await renewals.enqueue(commands, tenant: tenant)
        try await renewals.wait(for: jobs, state)
        return jobs
    }

    func mirror(_ calendar: MirroredCalendar) async throws -> [String: CalendarEvent] {
        var all: [String: CalendarEvent] = [:]
        var last: String?
        while true {
            let page = try await calendars.page(of: calendar.id, after: last, tenant: calendar.tenant, limit: 1_000)
            for event in page { all[event.id] = event }
            last = page.last?.id
            if page.isEmpty { return all }
        }
    }

    /// What differs between the provider and the mirror, in words; empty when nothing does.
    static func differences(_ truth: [String: CalendarEvent], _ mirror: [String: CalendarEvent]) -> [String] {
        var found: [String] = []
        for (id, event) in truth {
            guard let here = mirror[id] else {
                found.append("\(id) is missing")
                continue
            }
            // A hole is only sure to have these.
            let isSame =
                event.status == .cancelled
                ? here.status == .cancelled && here.series == event.series && here.original == event.original
                : here == event
            if !isSame { found.append("\(id) differs") }
        }
        return (found + mirror.keys.filter { truth[$0] == nil }.map { "\($0) is too much" }).sorted()
    }
}
