import Domain
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct CalendarSweepTests {
    /// All pages of something.
    private static func all<Row>(_ page: (Row?) async throws -> [Row]) async throws -> [Row] {
        var rows: [Row] = []
        while true {
            let next = try await page(rows.last)
            if next.isEmpty { return rows }
            rows += next
        }
    }

    @Test func `calendars are due when their time has come, in pages, the longest due first`() async throws {
        try await MirroredPeople.with { people in
            var expected: [CalendarID] = []
            for index in 0..<3 {
                let calendar = try await people.calendar()
                try await people.run(
                    """
                    UPDATE calendars SET next_sync_at = now() - interval '\(3 - index) hours'
                    WHERE id = '\(calendar.id)'
                    """)
                expected.append(calendar.id)
            }
            // What the provider refused is tried once a day.
            try await people.run(
                "UPDATE calendars SET state = 'unavailable', reason = 'forbidden' WHERE id = '\(expected[1])'")
            for change in [
                "calendars SET next_sync_at = now() + interval '1 hour'", "calendars SET is_selected = false",
                "calendars SET state = 'unavailable', reason = 'not_listed'",
                "connections SET state = 'needs_reconnect', reason = 'refused'", "connections SET scopes = '{email}'",
                "connections SET provider = 'microsoft'",
            ] {
                let calendar = try await people.calendar()
                let column = change.hasPrefix("calendars") ? "id = '\(calendar.id)'" : "id = '\(calendar.connection)'"
                try await people.run("UPDATE \(change) WHERE \(column)")
            }
            // Many that are due at the same moment.
            let account = try await people.account()
            let many = (0..<200).map { ListedCalendar(id: "c\($0)", title: "c") }
            for number in 0..<4 {
                let account = number == 0 ? account : try await people.account()
                expected += try await people.list(many, of: account)
            }
            let found = try await Self.all { try await people.sweep.dueCalendars(after: $0) }.map(\.calendar)
            #expect(found.count > CalendarSweep.page && Set(found).count == found.count)
            #expect(found.prefix(3) == expected.prefix(3))
            #expect(Set(found) == Set(expected))
        }
    }

    @Test func `accounts whose list was never read, and lists that are due`() async throws {
        try await MirroredPeople.with { people in
            let new = try await people.account()
            let read = try await people.account()
            _ = try await people.list([], of: read)
            _ = try await people.connected.connect(of: .make())
            let ended = try await people.account()
            try await people.run("UPDATE connections SET state = 'disconnecting' WHERE id = '\(ended.id)'")
            let sweep = people.sweep
            func due() async throws -> [ConnectionID] {
                try await Self.all { try await sweep.dueLists(after: $0) }.map(\.connection)
            }
            #expect(try await Self.all { try await sweep.newAccounts(after: $0) }.map(\.connection) == [new.id])
            #expect(try await due().isEmpty)
            try await people.run("UPDATE calendar_lists SET next_sync_at = now() - interval '1 second'")
            #expect(try await due() == [read.id])
            let wider = CalendarSweep(pool: people.engine.workerPool, scopes: ["calendar"])
            #expect(try await wider.newAccounts(after: nil).count == 1, "whatever scopes are asked for")
        }
    }

    @Test func `channels are due before their end, and when they are to be stopped`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            let (tenant, channels) = (calendar.tenant, people.channels)
            try await people.sync([], of: calendar)
            func due() async throws -> [ChannelID] {
                try await Self.all { try await people.sweep.dueChannels(after: $0) }
                    .map(\.channel)
            }
            func unwatched() async throws -> [CalendarID] {
                try await Self.all { try await people.sweep.unwatched(after: $0) }.map(\.calendar)
            }
            func open(_ byte: UInt8) async throws -> ChannelID {
                let id = ChannelID.make()
                try await channels.open(
                    id, calendar: calendar.id, tenant: tenant, digest: CalendarChannelTests.digest(byte))
                return id
            }
            #expect(try await unwatched() == [calendar.id])
            let soon = try await open(1)
            #expect(try await unwatched().isEmpty, "it is being opened")
            try await people.run("UPDATE calendar_channels SET created_at = now() - interval '11 minutes'")
            #expect(try await unwatched() == [calendar.id], "it was not heard of")
            #expect(try await due().isEmpty)
            _ = try await channels.opened(
                soon, resourceID: "r", expiresAt: Date(timeIntervalSinceNow: 70), tenant: tenant)
            let later = try await open(2)
            _ = try await channels.opened(
                later, resourceID: "r", expiresAt: CalendarChannelTests.later, tenant: tenant)
            #expect(try await due() == [soon])
            #expect(try await unwatched().isEmpty)
            try await channels.close(later, tenant: tenant)
            #expect(try await due() == [soon, later])
            // Nobody asks again for what the provider has just refused.
            try await channels.rest(calendar.id, tenant: tenant, seconds: 60)
            #expect(try await due() == [later])
        }
    }

    @Test func `what is over is thrown away after its time, and not before`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            let listed = ["a", "b"].map { ListedCalendar(id: $0, title: $0) }
            _ = try await people.list(listed, of: account)
            let calendar = try await people.calendars.list(of: account.tenant)[0]
            let id = calendar.id
            try await people.sync([.single("x"), .single("y"), .single("z")], of: calendar)
            try await people.sync([.tombstone("x"), .tombstone("y")], of: calendar)
            for byte in 1...4 as ClosedRange<UInt8> {
                try await people.channels.open(
                    .make(), calendar: id, tenant: account.tenant, digest: CalendarChannelTests.digest(byte))
            }
            func age(_ days: Int) async throws {
                try await people.run(
                    """
                    UPDATE calendar_events SET changed_at = now() - interval '\(days) days' WHERE event_id <> 'y';
                    UPDATE calendars SET lost_at = now() - interval '\(days) days' WHERE lost_at IS NOT NULL
                    """)
            }
            _ = try await people.list([Self.listed("a")], of: account)
            try await people.run(
                """
                UPDATE calendar_channels SET expires_at = now() - interval '59 minutes'
                WHERE digest = '\\x\(String(repeating: "01", count: 32))';
                UPDATE calendar_channels SET expires_at = now() - interval '61 minutes'
                WHERE digest = '\\x\(String(repeating: "02", count: 32))';
                UPDATE calendar_channels SET created_at = now() - interval '32 days'
                WHERE digest = '\\x\(String(repeating: "03", count: 32))'
                """)
            try await age(29)
            #expect(try await people.sweep.prune() == 2, "two channels")
            #expect(try await people.channels.of(id, tenant: account.tenant).count == 2)
            try await age(31)
            #expect(try await people.sweep.prune() == 2, "a tombstone and a calendar")
            #expect(try await people.connected.people.count("SELECT count(*) FROM calendars") == 1)
            #expect(try await people.connected.people.count("SELECT count(*) FROM calendar_events") == 2)
            #expect(try await people.sweep.prune() == 0)
            #expect(try await people.brokenMirrors().isEmpty)
        }
    }

    private static func listed(_ id: String) -> ListedCalendar { ListedCalendar(id: id, title: id) }

    @Test func `erasing a workspace takes its calendars along, and no others`() async throws {
        try await MirroredPeople.with { people in
            let user = try await people.connected.people.person()
            let mine = try await people.calendar(of: TenantID(user))
            let theirs = try await people.calendar()
            let many = (0..<(WorkspaceErasure.page + 1)).map { CalendarEvent.single("e\($0)") }
            for calendar in [mine, theirs] {
                try await people.sync(many, of: calendar)
                try await people.channels.open(
                    .make(), calendar: calendar.id, tenant: calendar.tenant,
                    digest: CalendarChannelTests.digest(calendar.id == mine.id ? 1 : 2))
            }
            try await people.run("UPDATE users SET deleted_at = now() - interval '1 hour' WHERE id = '\(user)'")
            #expect(try await AccountErasure(pool: people.engine.workerPool).erase(user, but: nil) == .erased)
            for table in ["calendar_lists", "calendars", "calendar_events", "calendar_channels"] {
                let left = "SELECT count(*) FROM \(table) WHERE tenant_id = '\(mine.tenant)'"
                #expect(try await people.connected.people.count(left) == 0, "\(table)")
            }
            #expect(try await people.events(of: theirs).count == many.count)
            #expect(try await people.channels.of(theirs.id, tenant: theirs.tenant).count == 1)
        }
    }
}
