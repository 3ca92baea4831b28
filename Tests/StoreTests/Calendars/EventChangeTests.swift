import Domain
import Postgres
import Testing

@testable import Store

@Suite struct EventChangeTests {
    private static func changes(
        _ calendar: MirroredCalendar, _ people: MirroredPeople, after cursor: ChangeCursor? = nil, limit: Int = 100
    ) async throws -> Calendars.ChangePage {
        try await people.calendars.changes(of: calendar.id, after: cursor, tenant: calendar.tenant, limit: limit)
    }

    private static func ids(_ page: Calendars.ChangePage) -> [String] {
        page.changes.map { ($0.event == nil ? "-" : "") + $0.id }
    }

    @Test func `changes come in their order, each event at its last one, deleted ones as such`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([.single("a"), .single("b"), .single("c")], of: calendar)
            let first = try await Self.changes(calendar, people)
            #expect(Self.ids(first) == ["a", "b", "c"] && !first.hasMore)
            #expect(try await Self.changes(calendar, people, after: first.next).changes.isEmpty)
            try await people.sync(
                [.tombstone("b"), .single("a", "2026-03-09T09:00:00Z"), .single("d")], of: calendar)
            try await people.sync([.single("d", "2026-03-09T09:00:00Z")], of: calendar)
            let second = try await Self.changes(calendar, people, after: first.next)
            #expect(Self.ids(second) == ["-b", "a", "d"])
            #expect(second.changes.map(\.version) == [4, 5, 7])
            let anew = try await Self.changes(calendar, people)
            #expect(Self.ids(anew) == ["c", "a", "d"], "whoever begins needs no tombstones")
            #expect(anew.next.version == 7)
        }
    }

    @Test func `pages of changes miss nothing that happens between them`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([.single("a"), .single("b"), .single("c")], of: calendar)
            let first = try await Self.changes(calendar, people, limit: 2)
            #expect(Self.ids(first) == ["a", "b"] && first.hasMore)
            try await people.sync([.tombstone("a"), .tombstone("c")], of: calendar)
            let second = try await Self.changes(calendar, people, after: first.next, limit: 2)
            #expect(Self.ids(second) == ["-a", "-c"] && !second.hasMore)
        }
    }

    @Test func `a cursor older than the tombstones that are kept is over, as is one from the future`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([.single("a"), .single("b"), .single("c")], of: calendar)
            let old = try await Self.changes(calendar, people).next
            try await people.sync([.tombstone("a")], of: calendar)
            try await people.sync([.tombstone("b")], of: calendar)
            let newer = try await Self.changes(calendar, people).next
            try await people.run(
                "UPDATE calendar_events SET changed_at = now() - interval '31 days' WHERE event_id <> 'b'")
            #expect(try await people.sweep.prune() == 1)
            #expect(try await people.found(calendar).prunedVersion == 4)
            await #expect(throws: CalendarError.cursorOver) { try await Self.changes(calendar, people, after: old) }
            #expect(try await Self.changes(calendar, people, after: newer).changes.isEmpty)
            #expect(try await Self.ids(Self.changes(calendar, people)) == ["c"])
            // Who was in the middle of a first reading has missed nothing.
            let under = ChangeCursor(version: 2, beginning: newer.version)
            #expect(try await Self.ids(Self.changes(calendar, people, after: under)) == ["c"])
            for cursor in [ChangeCursor(version: 99, beginning: 0), ChangeCursor(version: 5, beginning: 99)] {
                await #expect(throws: CalendarError.cursorOver) {
                    try await Self.changes(calendar, people, after: cursor)
                }
            }
        }
    }

    @Test func `a cursor is read from what it writes, and from nothing else`() {
        let cursor = ChangeCursor(version: 12, beginning: 345)
        #expect(ChangeCursor(cursor.description) == cursor)
        for text in ["", "1", "1-", "-1", "1-2-3", "a-b", "1--2", " 1-2", "1-99999999999999999999", "+1-2"] {
            #expect(ChangeCursor(text) == nil, "\(text)")
        }
    }
}
