import Domain
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct SyncTests {
    @Test func `a full reading keeps what it saw, and deletes what it has not seen`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            #expect(calendar.state == .pending && calendar.version == 0)
            #expect(try await people.sync([.single("a"), .single("b"), .master("s")], of: calendar) == 3)
            var now = try await people.found(calendar)
            #expect(now.state == .ready && now.version == 3 && now.eventCount == 3)
            #expect(now.syncedAt != nil && now.fullSyncedAt != nil)

            let run = try await people.begin(calendar, full: true)
            #expect(run.isFull && run.token == nil)
            #expect(try await people.calendars.apply([.single("b"), .single("c")], of: run) == 1, "b is as it was")
            #expect(try await people.events(of: calendar).count == 4, "until the end nothing is deleted")
            #expect(try await people.finish([.single("d")], of: run) == 3)
            #expect(try await people.events(of: calendar).keys.sorted() == ["b", "c", "d"])
            now = try await people.found(calendar)
            #expect(now.version == 7 && now.eventCount == 3)
            #expect(try await people.brokenMirrors().isEmpty)
        }
    }

    @Test func `what changed is brought up to date with the token of the reading before`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([.single("a"), .single("b")], of: calendar, token: "first")
            let run = try await people.begin(calendar)
            #expect(run.token == "first" && !run.isFull)
            let changes: [CalendarEvent] = [.single("a", "2026-03-03T09:00:00Z"), .tombstone("b"), .tombstone("never")]
            #expect(try await people.finish(changes, of: run, token: "second") == 2)
            #expect(try await people.events(of: calendar).keys.sorted() == ["a"])
            #expect(try await people.begin(calendar).token == "second")
            let rows = "SELECT count(*) FROM calendar_events"
            #expect(try await people.connected.people.count(rows) == 2, "what was never here leaves no tombstone")
        }
    }

    @Test func `an event that is as it was keeps its number and its time`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([.single("a"), .hole(in: "s", on: "2026-03-03"), .master("s")], of: calendar)
            let times = "UPDATE calendar_events SET changed_at = now() - interval '1 day'"
            try await people.run(times)
            for isFull in [true, false] {
                let events: [CalendarEvent] = [.master("s"), .single("a"), .hole(in: "s", on: "2026-03-03")]
                #expect(try await people.sync(events, of: calendar, full: isFull) == 0)
            }
            let young = "SELECT count(*) FROM calendar_events WHERE changed_at > now() - interval '1 hour'"
            #expect(try await people.connected.people.count(young) == 0)
            #expect(try await people.found(calendar).version == 3)
        }
    }

    @Test func `a page that is given twice, and an event that is in it twice, change it once`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            let run = try await people.begin(calendar)
            let page: [CalendarEvent] = [.single("a", "2026-03-02T09:00:00Z", "old"), .single("b")]
            let again = page + [.single("a", "2026-03-02T09:00:00Z", "new")]
            #expect(try await people.calendars.apply(again, of: run) == 2)
            #expect(try await people.calendars.apply(again, of: run) == 0)
            #expect(try await people.finish(again, of: run) == 0)
            #expect(try await people.events(of: calendar)["a"]?.summary == "new")
        }
    }

    @Test func `an empty page finishes too`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            #expect(try await people.sync([], of: calendar) == 0)
            #expect(try await people.found(calendar).state == .ready)
        }
    }

    @Test func `texts with a NUL are kept without it`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            var event = CalendarEvent.single("a", "2026-03-02T09:00:00Z", "null\0 \\u0000 \\\0\\")
            event.attendees = [.init(email: "\0a@example.com")]
            try await people.sync([event, .single("b\0"), .single("")], of: calendar)
            let events = try await people.events(of: calendar)
            #expect(events.keys.sorted() == ["a"], "an id with a NUL is no event's")
            #expect(events["a"]?.summary == "null \\u0000 \\\\")
            #expect(events["a"]?.attendees?.first?.email == "a@example.com")
        }
    }

    @Test func `what one workspace mirrors another does not see`() async throws {
        try await MirroredPeople.with { people in
            let mine = try await people.calendar()
            try await people.sync([.single("a")], of: mine)
            let other = TenantID.make()
            for attempt in [
                { _ = try await people.calendars.find(mine.id, tenant: other) },
                { _ = try await people.calendars.beginSync(mine.id, tenant: other, full: true) },
                { _ = try await people.calendars.changes(of: mine.id, after: nil, tenant: other, limit: 10) },
            ] as [@Sendable () async throws -> Void] {
                await #expect(throws: CalendarError.notFound) { try await attempt() }
            }
            #expect(try await people.calendars.event("a", of: mine.id, tenant: other) == nil)
            #expect(try await people.calendars.list(of: other).isEmpty)
        }
    }

    @Test func `a calendar that cannot be read loses its events, its token and its channels`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([.single("a"), .master("s"), .hole(in: "s", on: "2026-03-03")], of: calendar)
            let channel = ChannelID.make()
            try await people.channels.open(
                channel, calendar: calendar.id, tenant: calendar.tenant, digest: [UInt8](repeating: 7, count: 32))
            let calendars = people.calendars
            let run = try await people.begin(calendar)
            try await people.acting(for: calendar.tenant) {
                try await calendars.lose(run, reason: "notACalendarUser", in: $0)
            }
            let lost = try await people.found(calendar)
            #expect(lost.state == .unavailable && lost.reason == "not_a_calendar_user" && lost.eventCount == 0)
            #expect(lost.version == 6, "each deletion is a change")
            #expect(try await people.events(of: calendar).isEmpty)
            #expect(try await people.channels.of(calendar.id, tenant: calendar.tenant).map(\.state) == [.closing])
            #expect(try await people.begin(calendar).isFull)
            #expect(try await people.brokenMirrors().isEmpty)

            try await people.sync([.single("a")], of: calendar)
            let again = try await people.found(calendar)
            #expect(again.state == .ready && again.reason == nil)
        }
    }

    @Test func `a calendar that nobody wants is emptied, and is read from its beginning later`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([.single("a")], of: calendar)
            let calendars = Calendars(pool: people.engine.gatewayPool)
            let tenant = calendar.tenant
            let selected = try await people.engine.gatewayPool.transaction(settings: RowAccess.tenant(tenant)) {
                try await calendars.select(calendar.id, false, tenant: tenant, in: $0)
            }
            #expect(!selected.isSelected)
            let run = try await people.begin(calendar)
            #expect(!run.calendar.isSelected)
            try await people.acting(for: tenant) { try await people.calendars.empty(run, in: $0) }
            let empty = try await people.found(calendar)
            #expect(empty.state == .pending && empty.eventCount == 0 && !empty.isSelected)
            #expect(try await people.begin(calendar).isFull)
        }
    }

    @Test func `a calendar with too many events is unavailable, and says so`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            let events = (0..<10).map { CalendarEvent.single("e\($0)") }
            try await people.sync(events, of: calendar)
            // As if it had so many more.
            try await people.run("UPDATE calendars SET event_count = \(Calendars.maxEventsPerCalendar)")
            let run = try await people.begin(calendar)
            let before = try await people.fingerprint(calendar)
            await #expect(throws: CalendarError.tooManyEvents) {
                try await people.calendars.apply([.single("one more")], of: run)
            }
            #expect(try await people.fingerprint(calendar) == before)
            #expect(try await people.finish([.single("one more")], of: run) > 0)
            let full = try await people.found(calendar)
            #expect(full.state == .unavailable && full.reason == "too_many_events")
            #expect(try await people.events(of: calendar).isEmpty)
            let versions = "SELECT count(*) FROM calendar_events WHERE version > (SELECT version FROM calendars)"
            #expect(try await people.connected.people.count(versions) == 0)
        }
    }
}
