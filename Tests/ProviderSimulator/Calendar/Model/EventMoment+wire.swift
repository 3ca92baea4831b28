import Domain
import Foundation

/// Days and times as the provider writes and reads them.
extension EventMoment {
    var isDay: Bool { if case .day = self { true } else { false } }

    var zone: String? { if case .time(_, let zone) = self { zone } else { nil } }

    /// For comparing and sorting: a day begins in the calendar's zone.
    func instant(in zone: ZoneOffsets) -> Date {
        switch self {
        case .day(let day): Self.midnight(of: day, in: zone)
        case .time(let instant, _): instant
        }
    }

    static func midnight(of day: CalendarDay, in zone: ZoneOffsets) -> Date {
        LocalTime("\(day)T00:00:00")?.instant(in: zone) ?? .distantPast
    }

    /// Which day it is somewhere at an instant.
    static func day(at instant: Date, in zone: ZoneOffsets) -> CalendarDay? {
        CalendarDay(LocalTime(at: instant, in: zone).description.prefix(10))
    }

    /// - Parameters:
    ///   - zone: the answer's zone, whose offset a time is written with.
    ///   - calendarZone: named where the event has none of its own.
    func json(in zone: ZoneOffsets, calendarZone: String) -> JSONValue {
        switch self {
        case .day(let day): .members(["date": .string(day.description)])
        case .time(let instant, let own):
            .members([
                "dateTime": .string(Self.text(instant, in: zone)), "timeZone": .string(own ?? calendarZone),
            ])
        }
    }

    static func text(_ instant: Date, in zone: ZoneOffsets) -> String {
        let local = LocalTime(at: instant, in: zone).description
        let offset = zone.secondsFromGMT(Int(instant.timeIntervalSince1970))
        if offset == 0 { return local + "Z" }
        let minutes = abs(offset) / 60
        return local + (offset < 0 ? "-" : "+") + Self.padded(minutes / 60) + ":" + Self.padded(minutes % 60)
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

    /// What an instance's id ends with: `20260131` or `20260131T080000Z`.
    var idSuffix: String {
        switch self {
        case .day(let day): day.description.replacing("-", with: "")
        case .time(let instant, _):
            LocalTime(at: instant, in: .utc).description.replacing("-", with: "").replacing(":", with: "") + "Z"
        }
    }

    /// - Parameter zone: of the series.
    init?(idSuffix text: some StringProtocol, zone: String?) {
        let digits = text.filter { $0 != "T" && $0 != "Z" }
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        let parts = Self.cut(String(digits), [4, 2, 2, 2, 2, 2])
        if text.count == 8, let day = CalendarDay(parts.prefix(3).joined(separator: "-")) {
            self = .day(day)
        } else if text.count == 16, digits.count == 14,
            let instant = RFC3339.date(
                "\(parts[0...2].joined(separator: "-"))T\(parts[3...5].joined(separator: ":"))Z")
        {
            self = .time(instant, zone: zone)
        } else {
            return nil
        }
    }

    private static func cut(_ text: String, _ lengths: [Int]) -> [String] {
        var rest = Substring(text)
        return lengths.map { length in
            defer { rest = rest.dropFirst(length) }
            return String(rest.prefix(length))
        }
    }

    /// So many seconds, or days, after it.
    func moved(bySeconds seconds: Int) -> EventMoment {
        switch self {
        case .day(let day): .day(day.adding(days: seconds / 86_400))
        case .time(let instant, let zone): .time(instant.addingTimeInterval(Double(seconds)), zone: zone)
        }
    }
}
