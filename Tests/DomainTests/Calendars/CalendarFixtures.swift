import Domain
import Foundation
import Testing

/// A day, or a time with its offset: `2026-03-02`, `2026-03-02T09:00:00+01:00`.
func moment(_ text: String, zone: String? = nil) throws -> EventMoment {
    if let day = CalendarDay(text) { return .day(day) }
    return .time(try #require(RFC3339.date(text)), zone: zone)
}

func range(_ lower: String, _ upper: String) throws -> Range<Date> { try utc(lower)..<utc(upper) }

func zone(_ name: String) throws -> ZoneOffsets { try #require(ZoneOffsets(iana: name)) }

extension CalendarEvent {
    /// - Parameters:
    ///   - times: Start and end, with a slash between them.
    ///   - lines: Of its recurrence.
    init(_ id: String, _ times: String, zone: String? = nil, _ lines: String...) throws {
        let parts = times.split(separator: "/").map(String.init)
        self.init(id: id, start: try moment(parts[0], zone: zone), end: try moment(parts[1], zone: zone))
        if !lines.isEmpty { recurrence = lines }
    }

    /// An exception.
    init(_ times: String, of series: String, at original: String, zone: String? = nil) throws {
        try self.init("\(series)_\(original)", times, zone: zone)
        self.series = series
        self.original = try moment(original, zone: zone)
    }

    /// A hole.
    static func hole(in series: String, at original: String) throws -> CalendarEvent {
        var event = CalendarEvent(id: "\(series)_\(original)", status: .cancelled)
        event.series = series
        event.original = try moment(original)
        return event
    }

    /// From the provider's resource.
    init(json: String) throws { self = try JSONDecoder().decode(CalendarEvent.self, from: Data(json.utf8)) }
}

extension [CalendarEvent] {
    func occurrences(
        _ lower: String, _ upper: String, zone: ZoneOffsets = .utc, calendarZone: ZoneOffsets = .utc,
        atMost limit: Int = 1_000
    ) throws -> (found: [EventOccurrence], isComplete: Bool) {
        try CalendarExpansion(events: self, calendarZone: calendarZone)
            .occurrences(in: range(lower, upper), zone: zone, atMost: limit)
    }

    func ids(
        _ lower: String, _ upper: String, zone: ZoneOffsets = .utc, calendarZone: ZoneOffsets = .utc
    ) throws -> [String] {
        try occurrences(lower, upper, zone: zone, calendarZone: calendarZone).found.map(\.id)
    }
}
