import Domain
import Foundation

/// Makes up events, the same for the same generator.
struct EventSketch: Sendable {
    let info: CalendarInfo
    let person: SimulatedEvent.Person
    var generator: SeededGenerator
    /// What the events lie around.
    let now: Date

    static let zones = [
        "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland",
        "America/Sao_Paulo", "UTC", "Africa/Casablanca", "Asia/Kathmandu",
    ]
    private static let titles = [
        "Stand-up", "Review", "Lunch", "Planning", "1:1", "Interview", "Zahnarzt", "Déjeuner", "打ち合わせ", "ישיבה",
        "Sprint demo 🚀", "Call & notes", "Line\nbreak", "“Quoted”, with; marks", "Retro",
    ]
    private static let places = ["Room 3", "Café Müller, Berlin", "https://meet.example/abc", "Online"]
    private static let rules = [
        "RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY;COUNT=40", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR", "RRULE:FREQ=WEEKLY",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=12", "RRULE:FREQ=MONTHLY;BYDAY=-1FR", "RRULE:FREQ=MONTHLY;BYMONTHDAY=31",
        "RRULE:FREQ=YEARLY",
    ]

    init(_ info: CalendarInfo, person: SimulatedEvent.Person, seed: UInt64, now: Date) {
        self.info = info
        self.person = person
        generator = SeededGenerator(seed: seed)
        self.now = now
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(0..<elements.count)] }
    mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
    mutating func chance(_ percent: Int) -> Bool { number(0..<100) < percent }

    mutating func id() -> String {
        let letters = Array("0123456789abcdefghijklmnopqrstuv".utf8)
        var text = ""
        for _ in 0..<2 {
            var bits = generator.next()
            for _ in 0..<13 {
                text.unicodeScalars.append(Unicode.Scalar(letters[Int(bits & 31)]))
                bits >>= 5
            }
        }
        return text
    }

    mutating func title() -> String { pick(Self.titles) + " \(number(1..<1_000))" }
    mutating func rule() -> String { pick(Self.rules) }

    /// A start on the quarter hour, from a month ago to three months from now, and a length.
    mutating func times() -> (EventMoment, EventMoment) {
        let day = Int(now.timeIntervalSince1970) / 86_400 + number(-30..<90)
        if chance(20), let first = EventMoment.day(at: Date(timeIntervalSince1970: Double(day * 86_400)), in: .utc) {
            return (.day(first), .day(first.adding(days: number(1..<4))))
        }
        let start = Date(timeIntervalSince1970: Double(day * 86_400 + number(0..<96) * 900))
        let zone = chance(60) ? info.timeZone : pick(Self.zones)
        return (.time(start, zone: zone), .time(start.addingTimeInterval(Double(number(1..<13) * 900)), zone: zone))
    }

    mutating func event(isSeries: Bool) -> SimulatedEvent {
        let id = id()
        let (start, end) = times()
        var event = SimulatedEvent(
            id: id, start: start, end: end, iCalUID: "\(id)@google.com", created: now, updated: now, creator: person,
            organizer: person)
        if isSeries { event.recurrence = [rule()] }
        event.fields = [.init(name: "summary", value: .string(title()))]
        if chance(20) { event["location"] = .string(pick(Self.places)) }
        if chance(10) { event["transparency"] = "transparent" }
        return event
    }

    /// A calendar's first events: for every five a series, and for every second of those an exception and a hole.
    mutating func contents(count: Int) -> CalendarContents {
        var contents = CalendarContents(now: now)
        for index in 0..<count {
            let event = event(isSeries: index % 5 == 4)
            contents.put(event, .live)
            if event.isMaster, index % 10 == 9 { addExceptions(to: event, &contents) }
        }
        return contents
    }

    private mutating func addExceptions(to master: SimulatedEvent, _ contents: inout CalendarContents) {
        let originals = instances(of: master)
        guard originals.count > 2 else { return }
        var moved = SeriesInstances.instance(of: master, at: originals[1])
        moved.start = moved.start.moved(bySeconds: 86_400)
        moved.end = moved.end.moved(bySeconds: 86_400)
        contents.put(moved, .live)
        var hole = SeriesInstances.instance(of: master, at: originals[2])
        hole.status = "cancelled"
        contents.put(hole, .hole)
    }

    /// Of a series, those near now.
    func instances(of master: SimulatedEvent) -> [EventMoment] {
        let range = now.addingTimeInterval(-40 * 86_400)..<now.addingTimeInterval(200 * 86_400)
        return SeriesInstances(master, zone: Zones.offsets(info.timeZone)).originals(overlapping: range, atMost: 40)
    }
}
