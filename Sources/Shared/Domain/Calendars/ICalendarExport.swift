package import FoundationEssentials

/// A calendar as a file of RFC 5545 (https://www.rfc-editor.org/rfc/rfc5545), written in pieces: `header`, then a
/// `component` for each event, then `footer`. Each piece ends its last line; together they are the file. Nothing but
/// the names of the zones that were written is kept from one piece to the next.
///
/// No text of an event can begin a line of its own: what ends lines is escaped, or left out.
package struct ICalendarExport: Sendable {
    private let title: String
    private let zone: ZoneOffsets
    private let now: Date
    private var clock: ICalendarClock

    /// The offsets of zones are given from 1970 to so long after the export.
    private static let yearsAhead = 20

    /// - Parameters:
    ///   - title: Of the calendar.
    ///   - zone: Of the calendar: its events that name none have it.
    ///   - now: The time of the export.
    package init(title: String, zone: ZoneOffsets, now: Date) {
        self.title = title
        self.zone = zone
        self.now = now
        let end = (EpochSeconds.seconds(now) ?? 0) + Self.yearsAhead * 366 * 86_400
        clock = ICalendarClock(calendarZone: zone, years: 0..<max(end, 86_400))
    }

    package func header() -> String {
        var lines = ICalendarLines()
        lines.add("BEGIN", value: "VCALENDAR")
        lines.add("VERSION", value: "2.0")
        lines.add("PRODID", value: "-//Errand//Calendar//EN")
        lines.add("CALSCALE", value: "GREGORIAN")
        lines.add("X-WR-CALNAME", text: title)
        lines.add("X-WR-TIMEZONE", text: zone.name)
        return lines.text
    }

    /// - Parameter holes: Where occurrences of a master are left out: `original` of its cancelled exceptions.
    /// - Returns: The event, and before it each zone that it is the first to use. Empty for what is cancelled or has no
    ///   start.
    package mutating func component(of event: CalendarEvent, holes: [EventMoment] = []) -> String {
        guard event.status != .cancelled, let times = event.times else { return "" }
        var body = ICalendarLines()
        body.add("BEGIN", value: "VEVENT")
        body.add("UID", text: event.iCalUID ?? event.series ?? event.id)
        body.add("DTSTAMP", value: EventMoment.time(now, zone: nil).digits)
        addTimes(of: event, times, to: &body)
        if event.isMaster {
            ICalendarSeries(master: event, zone: clock.zone(event.start?.zone), holes: holes).write(&clock, to: &body)
        }
        ICalendarDetails(event: event).write(to: &body)
        body.add("END", value: "VEVENT")
        var zones = ICalendarLines()
        clock.describe(to: &zones)
        return zones.text + body.text
    }

    /// Without an end a time takes no time (section 3.6.1), and with one it must take some.
    private mutating func addTimes(of event: CalendarEvent, _ times: EventTimes, to lines: inout ICalendarLines) {
        let (start, end) = times.moments(of: event)
        clock.add("DTSTART", start, isExact: !event.isMaster, to: &lines)
        if end.instant(in: .utc) > start.instant(in: .utc) { clock.add("DTEND", end, to: &lines) }
        if event.series != nil, let original = event.original { clock.add("RECURRENCE-ID", original, to: &lines) }
    }

    package func footer() -> String {
        var lines = ICalendarLines()
        lines.add("END", value: "VCALENDAR")
        return lines.text
    }

    /// The whole file, of all events, exceptions and holes of a calendar, in any order.
    package mutating func text(events: [CalendarEvent]) -> String {
        var holes: [String: [EventMoment]] = [:]
        for event in events where event.status == .cancelled {
            if let series = event.series, let original = event.original { holes[series, default: []].append(original) }
        }
        return header() + events.map { component(of: $0, holes: holes[$0.id] ?? []) }.joined() + footer()
    }
}
