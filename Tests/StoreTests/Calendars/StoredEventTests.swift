import Domain
import FoundationEssentials
import Postgres
import Testing

@testable import Store

@Suite struct StoredEventTests {
    private static func range(_ first: String, _ last: String) throws -> Range<Date> {
        try #require(RFC3339.date("\(first)T00:00:00Z"))..<#require(RFC3339.date("\(last)T00:00:00Z"))
    }

    private static func ids(
        _ people: MirroredPeople, _ calendars: [MirroredCalendar], _ first: String, _ last: String, limit: Int = 100
    ) async throws -> [String] {
        let found = try await people.calendars.events(
            overlapping: range(first, last), of: calendars.map(\.id), tenant: calendars[0].tenant, limit: limit)
        return found.events.map(\.event.id).sorted()
    }

    @Test func `a range has what lies in it, and what reaches into it`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            func lasting(_ id: String, _ first: String, _ last: String) -> CalendarEvent {
                CalendarEvent(id: id, start: CalendarEvent.moment(first), end: CalendarEvent.moment(last))
            }
            try await people.sync(
                [
                    .single("before", "2026-03-01T22:00:00Z"), .single("into", "2026-03-01T23:30:00Z"),
                    .single("in", "2026-03-02T12:00:00Z"), .single("after", "2026-03-03T00:00:00Z"),
                    lasting("day", "2026-03-02", "2026-03-03"), lasting("month", "2026-02-15", "2026-03-15"),
                    lasting("past", "2026-01-15", "2026-02-15"), .master("series", "2020-01-01T09:00:00Z"),
                    .master("later", "2026-03-05T09:00:00Z"), CalendarEvent(id: "timeless"),
                ], of: calendar)
            #expect(
                try await Self.ids(people, [calendar], "2026-03-02", "2026-03-03")
                    == ["day", "in", "into", "month", "series"])
            try await people.sync([.tombstone("in"), .tombstone("series")], of: calendar)
            #expect(
                try await Self.ids(people, [calendar], "2026-03-02", "2026-03-03") == ["day", "into", "month"])
        }
    }

    @Test func `with a series come its exceptions and holes near the range, wherever they were moved`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            let out = CalendarEvent.exception(of: "s", on: "2026-03-10T09:00:00Z", to: "2026-09-01T09:00:00Z")
            let into = CalendarEvent.exception(of: "s", on: "2026-09-02T09:00:00Z", to: "2026-03-10T15:00:00Z")
            let hole = CalendarEvent.hole(in: "s", on: "2026-03-10T10:00:00Z")
            var lost = CalendarEvent.exception(of: "s", on: "2026-05-10T09:00:00Z", to: "2026-09-01T09:00:00Z")
            lost.original = nil
            let far = CalendarEvent.hole(in: "s", on: "2026-07-10T09:00:00Z")
            let master = CalendarEvent.master("s", "2026-01-01T09:00:00Z")
            try await people.sync([out, into, hole, lost, far, master, .hole(in: "t", on: "2026-03-10")], of: calendar)
            #expect(
                try await Self.ids(people, [calendar], "2026-03-10", "2026-03-11")
                    == [hole.id, into.id, lost.id, master.id, out.id].sorted())
        }
    }

    @Test func `a hole in a series whose occurrences last long is found far from where it begins`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            var master = CalendarEvent(
                id: "s", start: CalendarEvent.moment("2026-01-01"), end: CalendarEvent.moment("2026-01-31"))
            master.recurrence = ["RRULE:FREQ=MONTHLY"]
            let hole = CalendarEvent.hole(in: "s", on: "2026-03-01")
            try await people.sync([master, hole], of: calendar)
            #expect(try await Self.ids(people, [calendar], "2026-03-29", "2026-03-30") == ["s", hole.id])
        }
    }

    @Test func `a limit cuts, and says so`() async throws {
        try await MirroredPeople.with { people in
            let tenant = TenantID.make()
            let calendar = try await people.calendar(of: tenant)
            let holes = (10..<20).map { CalendarEvent.hole(in: "s0", on: "2026-03-\($0)T09:00:00Z") }
            let range = try Self.range("2026-03-10", "2026-03-20")
            func isComplete(_ limit: Int) async throws -> Bool {
                let found = try await people.calendars.events(
                    overlapping: range, of: [calendar.id], tenant: tenant, limit: limit)
                #expect(found.events.count <= 3 * limit)
                return found.isComplete
            }
            for events in [
                (0..<10).map { CalendarEvent.single("e\($0)", "2026-03-1\($0)T09:00:00Z") },
                (0..<10).map { CalendarEvent.master("s\($0)", "2026-03-1\($0)T09:00:00Z") }, [.master("s0")] + holes,
            ] {
                try await people.sync(events, of: calendar, full: true)
                #expect(try await isComplete(10))
                #expect(try await !isComplete(9))
            }
        }
    }

    @Test func `several calendars are asked at once, and only those`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            let listed = ["a", "b", "c"].map { ListedCalendar(id: $0, title: $0) }
            var calendars: [MirroredCalendar] = []
            for id in try await people.list(listed, of: account) {
                calendars.append(try await people.calendars.find(id, tenant: account.tenant))
            }
            for calendar in calendars { try await people.sync([.single(calendar.externalID)], of: calendar) }
            #expect(try await Self.ids(people, Array(calendars.prefix(2)), "2026-03-02", "2026-03-03").count == 2)
        }
    }

    /// 23:00 on January 30 in Berlin is January 31 in Tokyo, a series of the 31st then, which has its end months later.
    @Test func `a series without a zone of its own is found after its calendar is put in another zone`() async throws {
        try await MirroredPeople.with { people in
            let account = try await people.account()
            let berlin = ListedCalendar(id: "c", title: "c", timeZone: "Europe/Berlin")
            let id = try await people.list([berlin], of: account)[0]
            let calendar = try await people.calendars.find(id, tenant: account.tenant)
            var event = CalendarEvent.master("s", "2026-01-30T22:00:00Z", rule: "RRULE:FREQ=MONTHLY;COUNT=3")
            event.start = .time(try #require(RFC3339.date("2026-01-30T22:00:00Z")), zone: nil)
            event.end = .time(try #require(RFC3339.date("2026-01-30T23:00:00Z")), zone: nil)
            try await people.sync([event], of: calendar)
            _ = try await people.list([ListedCalendar(id: "c", title: "c", timeZone: "Asia/Tokyo")], of: account)
            #expect(try await people.found(calendar).timeZone == "Asia/Tokyo")
            #expect(try await Self.ids(people, [calendar], "2026-05-28", "2026-06-02") == ["s"])
        }
    }

    @Test func `one event is found by its id, a hole as well, and pages have all in their order`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            let hole = CalendarEvent.hole(in: "s", on: "2026-03-03")
            try await people.sync([.master("s"), hole, .single("a"), .single("gone")], of: calendar)
            try await people.sync([.tombstone("gone")], of: calendar)
            func event(_ id: String) async throws -> CalendarEvent? {
                try await people.calendars.event(id, of: calendar.id, tenant: calendar.tenant)
            }
            #expect(try await event("s") == .master("s"))
            #expect(try await event(hole.id) == hole)
            #expect(try await event("gone") == nil)
            #expect(try await event("\0") == nil)
            var (ids, last): ([String], String?) = ([], nil)
            while true {
                let page = try await people.calendars.page(
                    of: calendar.id, after: last, tenant: calendar.tenant, limit: 2)
                guard let next = page.last else { break }
                ids += page.map(\.id)
                last = next.id
            }
            #expect(ids == ["a", "s", hole.id])
        }
    }
}
