import Domain
import Postgres
import Testing

@testable import Store

@Suite struct OvertakenSyncTests {
    /// Both kinds of readings, overtaken by both kinds.
    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
    func `a reading that was overtaken writes nothing`(isFull: Bool, nextIsFull: Bool) async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([.single("a"), .single("b")], of: calendar)
            let zombie = try await people.begin(calendar, full: isFull)
            try await people.calendars.apply([.single("a", "2026-03-02T09:00:00Z", "zombie's")], of: zombie)
            let run = try await people.begin(calendar, full: nextIsFull)
            let all: [CalendarEvent] = [.single("a", "2026-03-02T09:00:00Z", "newer"), .single("b")]
            for step in 0..<3 {
                if step == 1 { try await people.calendars.apply(all, of: run) }
                if step == 2 { try await people.finish([], of: run, token: "newer") }
                let before = try await people.fingerprint(calendar)
                try await Self.isRefused(zombie, people)
                #expect(try await people.fingerprint(calendar) == before)
            }
            #expect(try await people.events(of: calendar)["a"]?.summary == "newer")
            #expect(try await people.begin(calendar).token == "newer")
        }
    }

    static func isRefused(_ zombie: Calendars.SyncRun, _ people: MirroredPeople) async throws {
        let tenant = zombie.calendar.tenant
        let calendars = people.calendars
        let page = [CalendarEvent.single("a", "2026-03-09T09:00:00Z", "zombie's"), .single("z"), .tombstone("b")]
        await #expect(throws: CalendarError.superseded) { try await calendars.apply(page, of: zombie) }
        for attempt in [
            { _ = try await calendars.finish(page, of: zombie, token: "zombie's", nextInSeconds: 1, in: $0) },
            { try await calendars.lose(zombie, reason: "not_found", in: $0) },
            { try await calendars.empty(zombie, in: $0) },
        ] as [@Sendable (PostgresTransaction) async throws -> Void] {
            await #expect(throws: CalendarError.superseded) { try await people.acting(for: tenant, attempt) }
            // Whoever settles a job may catch it and go on: nothing has been written.
            try await people.acting(for: tenant) { transaction in
                do { try await attempt(transaction) } catch CalendarError.superseded {}
            }
        }
    }

    @Test func `a reading that has finished cannot go on`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            for token in ["first", "second"] {
                let run = try await people.begin(calendar)
                try await people.finish([.single("a"), .single("b")], of: run, token: token)
                let before = try await people.fingerprint(calendar)
                try await OvertakenSyncTests.isRefused(run, people)
                #expect(try await people.fingerprint(calendar) == before)
            }
        }
    }

    @Test func `a full reading that was abandoned is begun anew, and deletes what neither saw`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([.single("a"), .single("b")], of: calendar)
            let killed = try await people.begin(calendar, full: true)
            try await people.calendars.apply([.single("a"), .single("c")], of: killed)
            let run = try await people.begin(calendar)
            #expect(run.isFull, "its token was given up")
            try await people.calendars.apply([.single("a")], of: run)
            try await people.finish([.single("d")], of: run)
            #expect(try await people.events(of: calendar).keys.sorted() == ["a", "d"])
            #expect(try await people.brokenMirrors().isEmpty)
        }
    }

    @Test func `of readings at the same time one ends, and what it wrote stands`() async throws {
        try await MirroredPeople.with { people in
            let calendar = try await people.calendar()
            try await people.sync([], of: calendar)
            let ends = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let run = try await people.begin(calendar, full: number.isMultiple(of: 3))
                        let events = (0..<20).map {
                            CalendarEvent.single("e\($0)", "2026-03-02T09:00:00Z", "\(number)")
                        }
                        do {
                            try await people.calendars.apply(Array(events.prefix(10)), of: run)
                            try await people.calendars.apply(Array(events.suffix(10)), of: run)
                            try await people.finish([], of: run, token: "\(number)")
                            return "\(number)"
                        } catch CalendarError.superseded {
                            return nil
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap { $0 } }
            }
            let token = try #require(try await people.begin(calendar).token)
            #expect(ends.contains(token))
            let summaries = Set(try await people.events(of: calendar).values.map(\.summary))
            #expect(summaries == [token])
            #expect(try await people.brokenMirrors().isEmpty)
        }
    }

    @Test func `an end that is undone leaves the reading where it was`() async throws {
        try await MirroredPeople.with { people in
            struct Crash: Error {}
            let calendar = try await people.calendar()
            try await people.sync([.single("a")], of: calendar)
            let run = try await people.begin(calendar, full: true)
            try await people.calendars.apply([.single("b")], of: run)
            let before = try await people.fingerprint(calendar)
            let calendars = people.calendars
            await #expect(throws: Crash.self) {
                try await people.acting(for: calendar.tenant) {
                    _ = try await calendars.finish([.single("c")], of: run, token: "t", nextInSeconds: 1, in: $0)
                    throw Crash()
                }
            }
            #expect(try await people.fingerprint(calendar) == before)
            try await people.finish([.single("c")], of: run)
            #expect(try await people.events(of: calendar).keys.sorted() == ["b", "c"])
        }
    }
}
