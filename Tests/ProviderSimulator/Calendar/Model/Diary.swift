import Domain
import Foundation

/// Writes a calendar by hand, around today.
struct Diary: Sendable {
    let info: CalendarInfo
    let owner: SimulatedEvent.Person
    private(set) var contents: CalendarContents
    let now = Date()
    private var count = 0

    init(_ info: CalendarInfo, owner: SimulatedEvent.Person) {
        self.info = info
        self.owner = owner
        contents = CalendarContents(now: Date())
        let zone = Zones.offsets(info.timeZone)
        guard let today = EventMoment.day(at: now, in: zone) else { preconditionFailure("no day is today") }
        self.today = today
    }

    var zone: ZoneOffsets { Zones.offsets(info.timeZone) }
    let today: CalendarDay

    /// Monday is 0.
    func weekday(_ day: CalendarDay) -> Int {
        let days = Int((EventMoment.midnight(of: day, in: .utc).timeIntervalSince1970 / 86_400).rounded(.down))
        return ((days + 3) % 7 + 7) % 7
    }

    /// A day of this week (0), or of one after or before it; Monday is 0.
    func day(_ weekday: Int, week: Int) -> CalendarDay {
        today.adding(days: weekday - self.weekday(today) + 7 * week)
    }

    /// So many days from now, and then the next that is no weekend.
    func workday(in days: Int) -> CalendarDay {
        var day = today.adding(days: days)
        while weekday(day) > 4 { day = day.adding(days: 1) }
        return day
    }

    func moment(_ day: CalendarDay, _ clock: String, _ zone: String? = nil) -> EventMoment {
        let name = zone ?? info.timeZone
        let local = LocalTime("\(day)T\(clock):00")
        return .time(local?.instant(in: Zones.offsets(name)) ?? now, zone: name)
    }

    @discardableResult
    mutating func add(
        _ title: String, from start: EventMoment, to end: EventMoment, every rule: String? = nil,
        by organizer: SimulatedEvent.Person? = nil, _ fields: KeyValuePairs<String, JSONValue> = [:]
    ) -> SimulatedEvent {
        count += 1
        let id = "sim" + String(SeededGenerator.hash("\(info.id)/\(count)"), radix: 32)
        var event = SimulatedEvent(
            id: id, start: start, end: end, iCalUID: "\(id)@google.com", created: now.addingTimeInterval(-40 * 86_400),
            updated: now, creator: organizer ?? owner, organizer: organizer ?? owner)
        event.recurrence = rule.map { ["RRULE:\($0)"] } ?? []
        event.fields =
            [.init(name: "summary", value: .string(title))] + fields.map { .init(name: $0.key, value: $0.value) }
        contents.put(event, .live)
        return event
    }

    @discardableResult
    mutating func add(
        _ title: String, _ day: CalendarDay, _ clock: String, minutes: Int, every rule: String? = nil,
        by organizer: SimulatedEvent.Person? = nil, _ fields: KeyValuePairs<String, JSONValue> = [:]
    ) -> SimulatedEvent {
        let start = moment(day, clock)
        return add(title, from: start, to: start.moved(bySeconds: minutes * 60), every: rule, by: organizer, fields)
    }

    @discardableResult
    mutating func add(
        _ title: String, _ day: CalendarDay, days: Int = 1, every rule: String? = nil,
        _ fields: KeyValuePairs<String, JSONValue> = [:]
    ) -> SimulatedEvent {
        add(title, from: .day(day), to: .day(day.adding(days: days)), every: rule, fields)
    }

    /// Moves the n-th occurrence from now on; from 0.
    mutating func move(_ series: SimulatedEvent, _ index: Int, to start: EventMoment) {
        guard let original = next(series, index) else { return }
        var event = SeriesInstances.instance(of: series, at: original)
        let length = event.end.instant(in: zone).timeIntervalSince(event.start.instant(in: zone))
        event.start = start
        event.end = start.moved(bySeconds: Int(length))
        event.sequence += 1
        contents.put(event, .live)
    }

    mutating func cancel(_ series: SimulatedEvent, _ index: Int) {
        guard let original = next(series, index) else { return }
        var event = SeriesInstances.instance(of: series, at: original)
        event.status = "cancelled"
        contents.put(event, .hole)
    }

    private func next(_ series: SimulatedEvent, _ index: Int) -> EventMoment? {
        let range = now..<now.addingTimeInterval(60 * 86_400)
        let found = SeriesInstances(series, zone: zone).originals(overlapping: range, atMost: index + 1)
        return found.count > index ? found[index] : nil
    }
}
