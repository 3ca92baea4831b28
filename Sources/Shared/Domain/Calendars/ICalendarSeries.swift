import FoundationEssentials

/// The recurrence of a master as other readers of iCalendar understand it: everything in the form of its start.
struct ICalendarSeries {
    let master: CalendarEvent
    let zone: ZoneOffsets
    let holes: [EventMoment]

    /// The most dates on a line.
    private static let maxDates = 100

    /// Nothing but the holes for a rule that cannot be read: the event then occurs at its start.
    func write(_ clock: inout ICalendarClock, to lines: inout ICalendarLines) {
        guard let start = master.start else { return }
        let isAllDay = start.daySeconds != nil
        var excluded = holes.filter { ($0.daySeconds != nil) == isAllDay }
        if let read = try? RecurrenceLines(master.recurrence ?? [], isAllDay: isAllDay) {
            writeRules(to: &lines)
            add("RDATE", read.dates.flatMap(moments), &clock, to: &lines)
            excluded += read.exclusions.flatMap(moments)
        }
        add("EXDATE", excluded, &clock, to: &lines)
    }

    private func writeRules(to lines: inout ICalendarLines) {
        for line in master.recurrence ?? [] {
            guard let line = try? RecurrenceLine(line), ["RRULE", "EXRULE"].contains(line.name) else { continue }
            let parts = line.value.split(separator: ";").map { part in
                part.uppercased().hasPrefix("UNTIL=") ? until(part) : String(part)
            }
            lines.add(line.name, value: parts.joined(separator: ";"))
        }
    }

    /// UNTIL "MUST have the same value type as the DTSTART property", and be in UTC where that is a time in a zone
    /// (section 3.3.10).
    private func until(_ part: Substring) -> String {
        switch (RecurrenceMoment(part.dropFirst("UNTIL=".count)), master.start) {
        case (.day(let day)?, .time?):
            let end = day.adding(days: 1).start(in: zone).addingTimeInterval(-1)
            return "UNTIL=\(EventMoment.time(end, zone: nil).digits)"
        case (.local(let local)?, .time?): return "UNTIL=\(EventMoment.time(local.instant(in: zone), zone: nil).digits)"
        case (.local(let local)?, .day?): return "UNTIL=\(EventMoment.day(local.day).digits)"
        case (.instant(let date)?, .day?):
            return "UNTIL=\(EventMoment.day(LocalTime(at: date, in: .utc).day).digits)"
        default: return String(part)
        }
    }

    private func moments(_ moment: RecurrenceMoment) -> [EventMoment] {
        switch (moment, master.start) {
        case (.day(let day), .time(let start, _)?):
            // Readers go by instants: a day that is excluded from times means each time on it.
            let rules = (master.recurrence ?? []).filter { !$0.uppercased().hasPrefix("EX") }
            let set = try? RecurrenceSet(start: ZonedTime(at: start, in: zone), lines: rules)
            let range = day.start(in: zone)..<day.adding(days: 1).start(in: zone)
            return (set?.occurrences(in: range).starts ?? []).map { .time($0, zone: nil) }
        case (.day(let day), _): return [.day(day)]
        case (.local(let local), _): return [.time(local.instant(in: zone), zone: nil)]
        case (.instant(let date), _): return [.time(date, zone: nil)]
        }
    }

    private func add(
        _ name: String, _ moments: [EventMoment], _ clock: inout ICalendarClock, to lines: inout ICalendarLines
    ) {
        for first in stride(from: 0, to: moments.count, by: Self.maxDates) {
            let part = moments[first..<min(first + Self.maxDates, moments.count)]
            let days = part.filter { $0.daySeconds != nil }.map(\.digits)
            if !days.isEmpty { lines.add(name, [("VALUE", "DATE")], value: days.joined(separator: ",")) }
            let instants = part.compactMap { if case .time(let instant, _) = $0 { instant } else { nil } }
            clock.add(name, instants: instants, zone: zone, to: &lines)
        }
    }
}
