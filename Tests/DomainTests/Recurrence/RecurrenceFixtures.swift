import Foundation
import Testing

@testable import Domain

extension RecurrenceSet where Start == ZonedTime {
    /// - Parameter start: In basic notation: `19970902T090000`.
    init(_ start: String, in zone: String, _ lines: String...) throws {
        let local = try #require(
            RecurrenceMoment(start).flatMap { if case .local(let time) = $0 { time } else { nil } })
        self = try RecurrenceSet(
            start: ZonedTime(local, in: try #require(ZoneOffsets(iana: zone), "no zone \(zone)")), lines: lines)
    }

    /// Those of many years, in UTC: `1997-09-02T13:00:00Z`.
    func first(_ count: Int) throws -> [String] {
        try occurrences(in: utc("1990-01-01T00:00:00Z")..<utc("2090-01-01T00:00:00Z"), atMost: count)
            .starts.map { $0.formatted(.iso8601) }
    }

    /// Without their zone, as the event's clock shows them.
    func firstLocal(_ count: Int) throws -> [String] {
        try first(count).map { LocalTime(at: try utc($0), in: start.zone).description }
    }
}

extension RecurrenceSet where Start == CalendarDay {
    /// - Parameter start: In basic notation: `19970902`.
    init(_ start: String, _ lines: String...) throws {
        let day = try #require(RecurrenceMoment(start).flatMap { if case .day(let day) = $0 { day } else { nil } })
        self = try RecurrenceSet(start: day, lines: lines)
    }

    func first(_ count: Int) throws -> [String] {
        try occurrences(in: day("1990-01-01")..<day("2090-01-01"), atMost: count).starts.map(\.description)
    }
}
