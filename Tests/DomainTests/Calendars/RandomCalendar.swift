import Foundation

@testable import Domain

/// Calendars made up from a seed: series in zones whose clocks are set, with holes and exceptions, and events beside them.
struct RandomCalendar {
    /// Nothing in which the readers of iCalendar that it is compared with depart from RFC 5545: no times near those at
    /// which clocks are set, starts that the rule makes too, and one rule each.
    var isTame = false
    var random: SeededRandom

    init(seed: UInt64, isTame: Bool = false) {
        random = SeededRandom(seed: seed)
        self.isTame = isTame
    }

    static let zones = [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata", "Africa/Cairo",
        "Pacific/Apia", "UTC",
    ]

    private mutating func one<Item>(of items: [Item]) -> Item { items[number(0...items.count - 1)] }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func happens(_ percent: Int) -> Bool { number(1...100) <= percent }

    /// Of 1998 to 2030; half of them where clocks are set.
    private mutating func day() -> CalendarDay {
        let edges = ["2011-12-28", "2018-03-23", "2018-10-26", "2018-11-02", "2024-03-08", "2024-11-01", "2024-10-04"]
        if !isTame, happens(50), let day = CalendarDay(one(of: edges)) { return day.adding(days: number(0...4)) }
        return CalendarDay(number: number(isTame ? 18_300...19_700 : 10_300...21_900))
    }

    private mutating func local(on day: CalendarDay) -> LocalTime {
        let hour = one(of: isTame ? [7, 9, 12, 15, 17] : [0, 1, 2, 3, 9, 17, 23])
        return LocalTime(seconds: day.number * 86_400 + hour * 3600 + one(of: [0, 0, 15, 30, 59]) * 60)
    }

    /// Events with their holes and exceptions, shuffled.
    mutating func events(masters: Int, singles: Int) -> [CalendarEvent] {
        var events: [CalendarEvent] = []
        for index in 0..<masters { events += series("m\(index)") }
        for index in 0..<singles {
            var event = single("s\(index)")
            if happens(10) { event = exception(of: "gone\(index)", at: event.start ?? .day(day()), event) }
            events.append(event)
        }
        events.shuffle(using: &random)
        return events
    }

    mutating func single(_ id: String) -> CalendarEvent {
        var event = CalendarEvent(id: id)
        event.summary = id
        if happens(30) {
            let first = day()
            event.start = .day(first)
            event.end = .day(first.adding(days: one(of: [1, 1, 1, 2, 7])))
        } else {
            let zone = one(of: Self.zones)
            let start = ZoneOffsets(iana: zone).map { local(on: day()).instant(in: $0) } ?? .distantPast
            event.start = .time(start, zone: zone)
            event.end = .time(start.addingTimeInterval(Double(seconds())), zone: zone)
        }
        return event
    }

    private mutating func seconds() -> Int {
        isTame ? one(of: [0, 900, 3600, 7200]) : one(of: [0, 900, 3600, 7200, 86_400, 200_000, 3_000_000])
    }

    private mutating func series(_ id: String) -> [CalendarEvent] {
        var master = single(id)
        master.recurrence = lines(of: master)
        if isTame, let first = starts(of: master, 1).first { move(&master, to: first) }
        var events = [master]
        let starts = starts(of: master, 12)
        for start in starts where happens(25) {
            if happens(50) {
                var hole = CalendarEvent(id: "\(id)_\(start.digits)", status: .cancelled)
                hole.series = id
                hole.original = start
                events.append(hole)
            } else {
                events.append(exception(of: id, at: start, single("")))
            }
        }
        return events
    }

    private mutating func exception(of series: String, at start: EventMoment, _ event: CalendarEvent) -> CalendarEvent {
        var event = event
        event.id = "\(series)_\(start.digits)"
        event.summary = event.id
        event.series = series
        event.original = start
        return event
    }

    /// The first starts that its lines make.
    private func starts(of master: CalendarEvent, _ count: Int) -> [EventMoment] {
        let lines = master.recurrence ?? []
        switch master.start {
        case .day(let day)?:
            let found = (try? RecurrenceSet(start: day, lines: lines))?
                .occurrences(in: day..<day.adding(days: 9_000), atMost: count)
            return (found?.starts ?? []).map(EventMoment.day)
        case .time(let instant, let name)?:
            guard let zone = name.flatMap({ ZoneOffsets(iana: $0) }) else { return [] }
            let found = (try? RecurrenceSet(start: ZonedTime(at: instant, in: zone), lines: lines))?
                .occurrences(in: instant..<instant.addingTimeInterval(9_000 * 86_400), atMost: count)
            return (found?.starts ?? []).map { .time($0, zone: name) }
        case nil: return []
        }
    }

    private func move(_ master: inout CalendarEvent, to start: EventMoment) {
        let times = master.times
        master.start = start
        switch (start, times) {
        case (.day(let day), .days(_, let length)?): master.end = .day(length.end(of: day))
        case (.time(let instant, let zone), .times(_, let length)?):
            master.end = .time(length.end(of: instant), zone: zone)
        default: break
        }
    }

    private mutating func lines(of master: CalendarEvent) -> [String] {
        var lines = [rule(of: master)]
        if !isTame, happens(15) { lines.append(rule(of: master)) }
        guard let start = master.start else { return lines }
        if happens(20) { lines.append("RDATE" + dates(near: start)) }
        if happens(20) { lines.append("EXDATE" + dates(near: start)) }
        if !isTame, happens(10) { lines.append("EXRULE:FREQ=WEEKLY;INTERVAL=2") }
        return lines
    }

    /// After the start, or before it.
    private mutating func dates(near start: EventMoment) -> String {
        switch start {
        case .day(let day):
            let days = (0...1).map { _ in EventMoment.day(day.adding(days: number((isTame ? 1 : -40)...40))).digits }
            return ";VALUE=DATE:" + days.joined(separator: ",")
        case .time(let instant, let name):
            let moved = instant.addingTimeInterval(Double(number((isTame ? 1 : -40)...40) * 86_400))
            guard let zone = name.flatMap({ ZoneOffsets(iana: $0) }), let name else { return "" }
            let local = LocalTime(at: moved, in: zone).digits
            return one(of: [":\(local)", ";TZID=\(name):\(local)", ":\(EventMoment.time(moved, zone: nil).digits)"])
        }
    }

    private mutating func rule(of master: CalendarEvent) -> String {
        let days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].shuffled(using: &random).prefix(number(1...3))
        let rules = [
            "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=\(days.joined(separator: ","))", "FREQ=MONTHLY",
            "FREQ=MONTHLY;BYDAY=\(one(of: [-1, 1, 2, 3]))\(days[0])", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY",
            "FREQ=DAILY;BYDAY=\(days.joined(separator: ","))",
        ]
        var rule = "RRULE:" + one(of: rules)
        if happens(40) { rule += ";INTERVAL=\(number(2...5))" }
        return rule + bound(of: master)
    }

    private mutating func bound(of master: CalendarEvent) -> String {
        guard happens(60), let start = master.start else { return "" }
        if happens(50) { return ";COUNT=\(number(1...40))" }
        switch start {
        case .day(let day): return ";UNTIL=\(EventMoment.day(day.adding(days: number(0...900))).digits)"
        case .time(let instant, _):
            let until = instant.addingTimeInterval(Double(number(0...900) * 86_400))
            let text = EventMoment.time(until, zone: nil).digits
            return ";UNTIL=\(one(of: isTame ? [text] : [text, String(text.prefix(8)), String(text.dropLast())]))"
        }
    }
}
