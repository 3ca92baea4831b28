package import FoundationEssentials

/// When an event starts or ends: a day, which has no zone, or an instant and the zone it was meant in.
///
/// As JSON, in the provider's own form, so that nothing is lost on the way: `{"date": "2026-01-31"}`, or
/// `{"dateTime": "2026-01-31T08:00:00Z", "timeZone": "Europe/Berlin"}`.
package enum EventMoment: Hashable, Sendable {
    /// Of an event of whole days; as an end, the first day that is not part of it.
    case day(CalendarDay)
    /// To the second, in the years 1 to 9999. `zone` is an IANA name, of this installation's or a newer one; `nil`:
    /// that of the calendar.
    case time(Date, zone: String?)
}

extension EventMoment: Codable {
    private enum CodingKeys: String, CodingKey { case date, dateTime, timeZone }

    /// A time needs an offset, unless it names a zone that is known here: it is then what a clock there shows, as the
    /// provider reads it too.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let text = try container.decodeIfPresent(String.self, forKey: .date) {
            guard let day = CalendarDay(text) else { throw Self.corrupted(.date, container) }
            self = .day(day)
        } else {
            let text = try container.decode(String.self, forKey: .dateTime)
            let zone = try container.decodeIfPresent(String.self, forKey: .timeZone)
            guard let instant = Self.instant(text, zone: zone) else { throw Self.corrupted(.dateTime, container) }
            self = .time(instant, zone: zone)
        }
    }

    private static func instant(_ text: String, zone: String?) -> Date? {
        if let date = RFC3339.date(text) {
            let seconds = RFC3339.inYears(date).timeIntervalSince1970.rounded(.down)
            return Date(timeIntervalSince1970: seconds)
        }
        guard let local = LocalTime(text), let zone = zone.flatMap({ ZoneOffsets(iana: $0) }) else { return nil }
        return local.instant(in: zone)
    }

    private static func corrupted(
        _ key: CodingKeys, _ container: KeyedDecodingContainer<CodingKeys>
    ) -> DecodingError {
        .dataCorruptedError(forKey: key, in: container, debugDescription: "not a date or time of RFC 3339")
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .day(let day): try container.encode(day.description, forKey: .date)
        case .time(let instant, let zone):
            try container.encode(RFC3339.text(instant), forKey: .dateTime)
            try container.encodeIfPresent(zone, forKey: .timeZone)
        }
    }
}
