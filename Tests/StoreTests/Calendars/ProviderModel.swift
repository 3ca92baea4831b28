import Domain
import FoundationEssentials

/// What a provider has of one calendar: its events, and a log of which of them changed, whose positions are the sync
/// tokens. Answers are whole lists, to be cut into pages.
struct ProviderModel {
    private(set) var events: [String: CalendarEvent] = [:]
    /// Ids, in the order of their changes.
    private var log: [String] = []
    /// Tokens before this one are over.
    private var oldestToken = 0
    /// What to say of an event that is no more: exceptions name their series, or do not.
    private var tombstones: [String: CalendarEvent] = [:]
    private var made = 0
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    struct SplitMix: RandomNumberGenerator {
        private var state: UInt64
        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = state
            value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
            return value ^ (value >> 31)
        }
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    mutating func chance(_ one: Int, in many: Int) -> Bool { below(many) < one }

    mutating func change() {
        switch below(20) {
        case 0..<4: put(.single(newID("e"), someTime(), "made"))
        case 4..<6:
            put(
                .master(
                    newID("s"), someTime(),
                    rule: chance(1, in: 2) ? "RRULE:FREQ=DAILY" : "RRULE:FREQ=WEEKLY;COUNT=9", "made"))
        case 6..<10: changeSomething()
        case 10..<13: if let master = someMaster() { put(exception(of: master)) }
        case 13..<15: if let master = someMaster() { put(.hole(in: master, on: someOccurrence())) }
        case 15: put(exception(of: newID("elsewhere")))
        case 16..<18: deleteSomething()
        case 18: if let master = someMaster() { delete(series: master) }
        default: touchSomething()
        }
    }

    private mutating func newID(_ kind: String) -> String {
        made += 1
        return "\(kind)\(made)"
    }

    private mutating func someTime() -> String {
        "2026-0\(1 + below(9))-1\(below(10))T0\(below(10)):00:00Z"
    }

    private mutating func someOccurrence() -> String { "2026-03-1\(below(10))T09:00:00Z" }

    private mutating func exception(of series: String) -> CalendarEvent {
        .exception(of: series, on: someOccurrence(), to: someTime(), "exception \(below(1_000_000))")
    }

    private mutating func some(_ condition: (CalendarEvent) -> Bool) -> CalendarEvent? {
        events.values.filter(condition).sorted { $0.id < $1.id }.randomElement(using: &random)
    }

    private mutating func someMaster() -> String? { some(\.isMaster)?.id }

    private mutating func put(_ event: CalendarEvent) {
        events[event.id] = event
        tombstones[event.id] = nil
        log.append(event.id)
    }

    private mutating func changeSomething() {
        guard var event = some({ $0.status != .cancelled }) else { return }
        event.summary = "changed \(below(1_000_000))"
        if chance(1, in: 3) { event.start = CalendarEvent.moment(someTime()) }
        // One that had no series of its own may become one.
        if event.series == nil, chance(1, in: 5) { event.recurrence = ["RRULE:FREQ=MONTHLY"] }
        put(event)
    }

    /// In the log though nothing is different.
    private mutating func touchSomething() {
        guard let event = some({ _ in true }) else { return }
        log.append(event.id)
    }

    private mutating func deleteSomething() {
        guard let event = some({ !$0.isMaster && $0.status != .cancelled }) else { return }
        delete(event)
        guard let series = event.series, events[series] != nil else { return }
        // Of a series that is there a hole remains.
        var hole = CalendarEvent(id: event.id, status: .cancelled)
        hole.series = series
        hole.original = event.original
        put(hole)
    }

    private mutating func delete(_ event: CalendarEvent, isTold: Bool = true) {
        events[event.id] = nil
        var tombstone = CalendarEvent(id: event.id, status: .cancelled)
        if let series = event.series, chance(1, in: 2) {
            tombstone.series = series
            tombstone.original = event.original
        }
        tombstones[event.id] = tombstone
        if isTold { log.append(event.id) } else { tombstones[event.id] = nil }
    }

    /// What belongs to it goes with it; of each the provider may say so, or nothing.
    private mutating func delete(series: String) {
        guard let master = events[series] else { return }
        for event in events.values.filter({ $0.series == series }).sorted(by: { $0.id < $1.id }) {
            delete(event, isTold: chance(1, in: 2))
        }
        delete(master)
    }

    mutating func endTokens() { oldestToken = log.count }

    struct Answer {
        var events: [CalendarEvent]
        var token: String
    }

    /// - Returns: `nil` when the token is over.
    mutating func answer(to token: String?) -> Answer? {
        let now = "\(log.count)"
        guard let token else {
            var all = events.values.sorted { $0.id < $1.id }
            // Holes of what is gone may still be told of.
            all += tombstones.values.filter { $0.series != nil }.sorted { $0.id < $1.id }.prefix(below(3))
            return Answer(events: all.shuffled(using: &random), token: now)
        }
        guard let position = Int(token), position >= oldestToken else { return nil }
        let changed = Set(log[position...]).sorted().compactMap { events[$0] ?? tombstones[$0] }
        return Answer(events: changed.shuffled(using: &random), token: now)
    }

    /// As it is now, for a page that comes late.
    func now(_ event: CalendarEvent) -> CalendarEvent {
        events[event.id] ?? tombstones[event.id] ?? event
    }

    mutating func pages(_ events: [CalendarEvent]) -> [[CalendarEvent]] {
        var pages: [[CalendarEvent]] = []
        var rest = events[...]
        while !rest.isEmpty {
            let size = chance(1, in: 4) ? below(3) : 1 + below(rest.count)
            pages.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pages.isEmpty ? [[]] : pages
    }
}
