import Domain
import Foundation
import Postgres
import Store
import TestSupport
import Testing

/// Notifications: the provider tells, and the mirror follows.
@Suite(.serialized, .timeLimit(.minutes(10))) struct WatchTests {
    private func with(
        channelSeconds: Int = 604_800,
        _ body: @Sendable (CalendarSystem, Connection, MirroredCalendar) async throws -> Void
    ) async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 5)
            let (_, _, address) = try await system.startGateway()
            var settings = CalendarSystem.calm
            settings["CALENDAR_NOTIFICATIONS_URL"] = address
            settings["CALENDAR_CHANNEL_SECONDS"] = "\(channelSeconds)"
            _ = try await system.startWorker(settings)
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            try await system.renewals.until { try await open(system) == 1 }
            try await system.quiet()
            try await body(system, connection, calendar)
        }
    }

    /// Channels that the provider would tell.
    private func open(_ system: CalendarSystem) async throws -> Int {
        struct Channels: Decodable { var channels: [Channel] }
        struct Channel: Decodable {}
        return try JSONDecoder().decode(
            Channels.self, from: try await system.control("GET", "channels?open=true")
        ).channels.count
    }

    /// Whether all that the provider tells has been taken.
    private func areDelivered(_ system: CalendarSystem) async throws -> Bool {
        struct Told: Decodable { var sent, accepted, waiting: Int }
        let told = try JSONDecoder().decode(Told.self, from: try await system.control("GET", "notifications"))
        return told.waiting == 0 && told.accepted == told.sent && told.sent >= 60
    }

    private func jobs(_ system: CalendarSystem, _ more: String = "") async throws -> Int {
        try await system.system.count("SELECT count(*) FROM jobs WHERE kind = 'calendar.sync' \(more)")
    }

    @Test func `a change at the provider is here without anybody asking`() async throws {
        try await with { system, _, calendar in
            let started = ContinuousClock.now
            try await system.mutate("ada", count: 1, seed: 9, kinds: ["insert"])
            try await system.renewals.until(20) {
                CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)).isEmpty
            }
            print("from the change to the mirror: \((.now - started) / .milliseconds(1)) ms")
        }
    }

    @Test func `any number of notifications become the reading that runs and one that follows`() async throws {
        try await with { system, connection, calendar in
            let before = try await jobs(system)
            try await system.fault("pause", #""method":"events.list","times":1"#)
            try await system.mutate("ada", count: 1, seed: 1, kinds: ["insert"])
            try #require(try await system.calls("paused=true", atLeast: 1) == 1)
            try await system.control("POST", "notifications", #"{"duplication":1}"#)
            for seed in 0..<30 { try await system.mutate("ada", count: 1, seed: seed, kinds: ["insert"]) }
            try await system.renewals.until { try await areDelivered(system) }
            #expect(try await jobs(system, "AND state IN ('queued', 'running')") == 2)
            try await system.control("POST", "resume")
            try await system.quiet()
            #expect(CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)) == [])
            #expect(try await jobs(system) - before == 2)
        }
    }

    @Test func `a channel that ends soon is replaced before its end`() async throws {
        // One that is asked for ten minutes is replaced when 75 seconds are left.
        try await with(channelSeconds: 600) { system, connection, calendar in
            let old = try await CalendarChannels(pool: system.renewals.pool).of(calendar.id, tenant: connection.tenant)
            try #require(old.count == 1)
            try await system.system.owner.script(
                "UPDATE calendar_channels SET expires_at = now() + interval '5 seconds'")
            #expect(try await system.system.operate("sweep", "calendars").status == 0)
            try await system.renewals.until {
                let now = try await CalendarChannels(pool: system.renewals.pool).of(
                    calendar.id, tenant: connection.tenant)
                return now.count == 1 && now[0].id != old[0].id && now[0].state == .open
            }
            let order = try await methods(system)
            #expect(order == ["events.watch", "events.watch", "channels.stop"])
            try await system.mutate("ada", count: 1, seed: 5, kinds: ["insert"])
            try await system.renewals.until(20) {
                CalendarSystem.differences(try await system.truth("ada"), try await system.mirror(calendar)).isEmpty
            }
        }
    }

    private func methods(_ system: CalendarSystem) async throws -> [String] {
        struct Calls: Decodable { var calls: [Call] }
        struct Call: Decodable { var method: String }
        let data = try await system.control("GET", "calls")
        return try JSONDecoder().decode(Calls.self, from: data).calls.map(\.method)
            .filter { ["events.watch", "channels.stop"].contains($0) }
    }

    @Test func `a calendar that cannot be watched is polled and not asked for again at once`() async throws {
        try await CalendarSystem.with { system in
            try await system.populate(["ada"], events: 5)
            var settings = CalendarSystem.calm
            settings["CALENDAR_NOTIFICATIONS_URL"] = "http://127.0.0.1:9/nowhere"
            try await system.fault(
                "status:400:pushNotSupportedForRequestedResource", #""method":"events.watch","times":1"#)
            _ = try await system.startWorker(settings)
            let connection = try await system.connect("ada")
            let calendar = try await system.read(connection)
            try await system.quiet()
            #expect(try await system.system.operate("sweep", "calendars", "--wait").status == 0)
            try await system.quiet()
            #expect(try await system.calls("method=events.watch") == 1)
            #expect(try await system.calendars.find(calendar.id, tenant: connection.tenant).state == .ready)
        }
    }

    @Test func `disconnecting closes the channels`() async throws {
        try await with { system, connection, _ in
            try await system.renewals.pool.transaction(settings: RowAccess.tenant(connection.tenant)) {
                _ = try await system.renewals.connections().disconnect(
                    connection.id, tenant: connection.tenant, in: $0)
            }
            try await system.run([Disconnect(connection.id)], tenant: connection.tenant)
            #expect(try await open(system) == 0)
            for table in ["calendar_lists", "calendars", "calendar_events", "calendar_channels"] {
                #expect(try await system.system.count("SELECT count(*) FROM \(table)") == 0)
            }
        }
    }
}
