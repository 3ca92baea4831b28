import Domain
import Postgres
import Testing

@testable import Store

@Suite struct SeriesSyncTests {
    static let hole = CalendarEvent.hole(in: "s", on: "2026-03-03T09:00:00Z")
    static let exception = CalendarEvent.exception(
        of: "s", on: "2026-03-04T09:00:00Z", to: "2026-03-04T15:00:00Z", "moved")
    static let master = CalendarEvent.master("s")

    /// Every order of some events, and every way to cut it into pages.
    static func readings(of events: [CalendarEvent]) -> [[[CalendarEvent]]] {
        orders(of: events).flatMap { order in
            (0..<(1 << (order.count - 1))).map { cuts in
                var pages: [[CalendarEvent]] = [[]]
                for (index, event) in order.enumerated() {
                    pages[pages.count - 1].append(event)
                    if index < order.count - 1, cuts >> index & 1 == 1 { pages.append([]) }
                }
                return pages
            }
        }
    }

    private static func orders(of events: [CalendarEvent]) -> [[CalendarEvent]] {
        guard let first = events.first else { return [[]] }
        return orders(of: Array(events.dropFirst())).flatMap { rest in
            (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
        }
    }

    /// What is there after `changes`, in whatever order and pages they come, on top of `before`.
    private static func expect(
        _ expected: [CalendarEvent], after changes: [CalendarEvent], on before: [CalendarEvent], full: Bool = false
    ) async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            for pages in readings(of: changes) {
                try await people.sync(before, of: calendar, full: true)
                let run = try await people.begin(calendar, full: full)
                for page in pages.dropLast() { try await people.calendars.apply(page, of: run) }
                try await people.finish(pages.last ?? [], of: run)
                let there = try await people.events(of: calendar)
                let ids = pages.map { $0.map { "\($0.status) \($0.id)" } }
                #expect(there.keys.sorted() == expected.map(\.id).sorted(), "\(ids)")
                #expect(expected.allSatisfy { there[$0.id] == $0 }, "\(ids)")
                #expect(try await people.brokenMirrors().isEmpty, "\(ids)")
            }
        }
    }

    @Test func `a series, its exception and its hole come in any order`() async throws {
        let all = [Self.master, Self.exception, Self.hole]
        try await Self.expect(all, after: all, on: [])
        try await Self.expect(all, after: all, on: [], full: true)
        try await Self.expect(all, after: [Self.exception, Self.hole], on: [Self.master])
    }

    @Test func `a hole without its series is none`() async throws {
        try await Self.expect([.single("a")], after: [Self.hole, .single("a")], on: [])
        try await Self.expect([], after: [Self.hole], on: [], full: true)
    }

    @Test func `an exception without its series is an event like others`() async throws {
        try await Self.expect([Self.exception], after: [Self.exception, Self.hole], on: [])
        try await Self.expect(
            [Self.exception], after: [Self.exception], on: [Self.master, Self.exception, Self.hole], full: true)
    }

    @Test func `a series that is deleted takes its exceptions and holes along`() async throws {
        let all = [Self.master, Self.exception, Self.hole, .single("a")]
        try await Self.expect([.single("a")], after: [.tombstone("s")], on: all)
        try await Self.expect(
            [.single("a")], after: [.tombstone("s"), .tombstone(Self.exception.id), .tombstone(Self.hole.id)], on: all)
        var cancelled = Self.exception
        cancelled.status = .cancelled
        try await Self.expect([.single("a")], after: [.tombstone("s"), cancelled, Self.hole], on: all)
    }

    @Test func `an exception that was read before its series was found deleted goes with it`() async throws {
        var later = Self.exception
        later.summary = "moved again"
        let another = CalendarEvent.exception(of: "s", on: "2026-03-05T09:00:00Z", "new")
        try await Self.expect([], after: [later, another, .tombstone("s")], on: [Self.master, Self.exception])
    }

    @Test func `a hole that is filled is an exception, and one that is emptied again a hole`() async throws {
        let filled = CalendarEvent.exception(of: "s", on: "2026-03-03T09:00:00Z", "back")
        try await Self.expect([Self.master, filled], after: [filled], on: [Self.master, Self.hole])
        try await Self.expect([Self.master, Self.hole], after: [Self.hole], on: [Self.master, filled])
    }

    @Test func `a full reading without the series takes its holes along`() async throws {
        try await Self.expect([], after: [Self.hole], on: [Self.master, Self.hole], full: true)
    }

    @Test func `a series that ends in a reading that is abandoned ends in the next one as well`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([Self.master, Self.hole], of: calendar)
            let killed = try await people.begin(calendar)
            try await people.calendars.apply([.tombstone("s")], of: killed)
            for pages in Self.readings(of: [.tombstone("s"), Self.exception]) {
                let run = try await people.begin(calendar)
                for page in pages { try await people.calendars.apply(page, of: run) }
                #expect(try await people.events(of: calendar).isEmpty)
            }
        }
    }

    @Test func `an exception that an abandoned reading left goes with a series that was never read`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([], of: calendar)
            let killed = try await people.begin(calendar)
            try await people.calendars.apply([Self.exception, Self.hole], of: killed)
            try await people.sync([.tombstone("s")], of: calendar)
            #expect(try await people.events(of: calendar).isEmpty)
            #expect(try await people.brokenMirrors().isEmpty)
        }
    }

    @Test func `an exception of a series that ended earlier stays`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([Self.master], of: calendar)
            try await people.sync([.tombstone("s")], of: calendar)
            try await people.sync([Self.exception], of: calendar)
            #expect(try await people.events(of: calendar).keys.sorted() == [Self.exception.id])
        }
    }
}
