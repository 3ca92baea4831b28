package import FoundationEssentials

/// A calendar as a file of RFC 5545 (https://www.rfc-editor.org/rfc/rfc5545), written in pieces: `header`, then a
/// `component` for each event, then `footer`. Each piece ends its last line; together they are the file.
package struct ICalendarExport: Sendable {
    private let title: String
    private let zone: ZoneOffsets
    private let now: Date

    /// - Parameters:
    ///   - title: Of the calendar.
    ///   - zone: Of the calendar.
    ///   - now: The time of the export.
    package init(title: String, zone: ZoneOffsets, now: Date) {
        self.title = title
        self.zone = zone
        self.now = now
    }

    package func header() -> String { "" }

    /// - Parameter holes: Where occurrences of a master are left out: `original` of its cancelled exceptions.
    /// - Returns: The event, and before it each zone that it is the first to use. Empty for what is cancelled or has no
    ///   start.
    package mutating func component(of event: CalendarEvent, holes: [EventMoment] = []) -> String { "" }

    package func footer() -> String { "" }

    /// The whole file, of all events, exceptions and holes of a calendar, in any order.
    package mutating func text(events: [CalendarEvent]) -> String { "" }
}
