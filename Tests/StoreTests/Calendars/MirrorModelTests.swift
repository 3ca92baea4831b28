import Domain
import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Store

/// A provider that changes at random, and the mirror of it: after each reading that finished the mirror is as the
/// provider is, and a reader of changes knows the same.
@Suite struct MirrorModelTests {
    static let steps = 250

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `the mirror is as its provider after every reading`(seed: UInt64) async throws {
        try await MirroredPeople.with { people in
            var walk = Walk(people: people, calendar: try await people.calendar(), seed: seed)
            for step in 0..<Self.steps where try await !walk.step() {
                Issue.record("seed \(seed), step \(step): \(walk.problem)")
                return
            }
            print("seed \(seed): \(walk.counts)")
            let isLively = walk.counts.values.allSatisfy { $0 > 0 } && walk.counts.count == Walk.kinds
            #expect(isLively, "seed \(seed): \(walk.counts)")
        }
    }
}

private struct Walk {
    let people: MirroredPeople
    let calendar: MirroredCalendar
    var provider: ProviderModel
    /// Readings that nobody goes on with.
    var zombies: [Calendars.SyncRun] = []
    /// The reader of changes: what it knows, and how far it is.
    var known: [String: CalendarEvent] = [:]
    var cursor: ChangeCursor?
    var counts: [String: Int] = [:]
    var problem = ""

    static let kinds = 10

    init(people: MirroredPeople, calendar: MirroredCalendar, seed: UInt64) {
        self.people = people
        self.calendar = calendar
        provider = ProviderModel(seed: seed)
    }

    mutating func note(_ kind: String) { counts[kind, default: 0] += 1 }

    /// - Returns: false when there is a `problem`.
    mutating func step() async throws -> Bool {
        switch provider.below(20) {
        case 0..<8: for _ in 0...provider.below(6) { provider.change() }
        case 8..<14: return try await read()
        case 14: try await provoke()
        case 15: provider.endTokens()
        case 16..<18: try await follow(upTo: 1 + provider.below(3))
        default: try await prune()
        }
        return problem.isEmpty
    }

    /// One reading, as a worker would do it.
    private mutating func read() async throws -> Bool {
        var run = try await people.look(calendar, full: provider.chance(1, in: 8))
        var found = provider.answer(to: run.token)
        if found == nil {
            note("token over")
            run = try await people.begin(calendar, full: true)
            found = provider.answer(to: run.token)
        }
        guard let answer = found else { preconditionFailure("a full answer is always there") }
        let pages = provider.pages(answer.events)
        var isQuiet = true
        for (index, page) in pages.enumerated() {
            if provider.chance(1, in: 12) {
                note("abandoned")
                zombies.append(run)
                return true
            }
            let isRestless = pages.count > 1 && provider.chance(1, in: 10)
            if isRestless {
                provider.change()
                isQuiet = false
            }
            let items = isQuiet ? page : page.map(provider.now)
            if index < pages.count - 1 {
                if !run.isClaimed { run = try await people.calendars.claim(run) }
                try await people.calendars.apply(items, of: run)
                if provider.chance(1, in: 10) { try await people.calendars.apply(items, of: run) }
            } else {
                try await people.finish(items, of: run, token: answer.token)
            }
        }
        note(run.isFull ? "full" : "changes")
        note(pages.count > 1 ? "pages" : "page")
        // What changed meanwhile is the next reading's.
        return isQuiet ? try await compare() : try await read()
    }

    private mutating func compare() async throws -> Bool {
        let there = try await people.events(of: calendar)
        if there != provider.events {
            let ids = Set(there.keys).union(provider.events.keys).filter { there[$0] != provider.events[$0] }
            problem = "differs: \(ids.sorted().map { "\($0): \(there[$0] == nil ? "missing" : "there")" })"
        }
        if try await !people.brokenMirrors().isEmpty { problem = "the calendar's counts are wrong" }
        return problem.isEmpty
    }

    /// A reading that was abandoned goes on after another began.
    private mutating func provoke() async throws {
        guard !zombies.isEmpty else { return }
        let zombie = zombies[provider.below(zombies.count)]
        let run = try await people.begin(calendar)
        zombies.append(run)
        let before = try await people.fingerprint(calendar)
        let page = [CalendarEvent.single("zombie's")] + provider.events.keys.sorted().prefix(3).map { .tombstone($0) }
        do {
            if zombie.isClaimed {
                try await people.calendars.apply(page, of: zombie)
            } else {
                _ = try await people.calendars.claim(zombie)
            }
            problem = "a zombie's page was taken"
        } catch CalendarError.superseded {}
        do {
            try await people.finish(page, of: zombie, token: "zombie's")
            problem = "a zombie's end was taken"
        } catch CalendarError.superseded {}
        if try await people.fingerprint(calendar) != before { problem = "a zombie changed something" }
        note("zombie")
    }

    /// Reads some pages of changes; with the last of them the reader knows what the mirror has.
    private mutating func follow(upTo pages: Int) async throws {
        for _ in 0..<pages {
            let page: Calendars.ChangePage
            do {
                page = try await people.calendars.changes(
                    of: calendar.id, after: cursor, tenant: calendar.tenant, limit: 1 + provider.below(40))
            } catch CalendarError.cursorOver {
                note("cursor over")
                cursor = nil
                known = [:]
                continue
            }
            if page.changes.map(\.version) != page.changes.map(\.version).sorted() { problem = "changes out of order" }
            for change in page.changes { known[change.id] = change.event }
            cursor = page.next
            guard !page.hasMore else { continue }
            if try await known != people.events(of: calendar) { problem = "the reader of changes knows something else" }
            note("followed")
        }
    }

    /// A month goes by.
    private mutating func prune() async throws {
        try await people.run("UPDATE calendar_events SET changed_at = changed_at - interval '31 days'")
        if try await people.sweep.prune() > 0 { note("pruned") }
    }
}
