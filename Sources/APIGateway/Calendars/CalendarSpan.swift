import Domain
import FoundationEssentials

/// `from`, `to` and `zone` of a request: which time an answer is about, and for whose days.
struct CalendarSpan: Sendable {
    let range: Range<Date>
    /// Days that a request names begin and end here, and so do events of whole days.
    let zone: ZoneOffsets

    static let maxDays = 366

    /// - Throws: `InvalidCommand`, naming every parameter that is wrong; `Problem` (422).
    init(_ query: QueryReader) throws {
        var problems: [InvalidCommand.Problem] = []
        let zone = Self.zone(query, &problems) ?? .utc
        let from = Self.moment("from", query, zone, &problems)
        let to = Self.moment("to", query, zone, &problems)
        if let from, let to {
            if to <= from {
                problems.append(.init(field: "to", message: "must be after from: it is the first moment left out"))
            } else if !Self.isShort(from..<to, zone) {
                problems.append(.init(field: "to", message: "must be at most \(Self.maxDays) days after from"))
            }
        }
        guard problems.isEmpty, let from, let to else { throw InvalidCommand(problems) }
        (range, self.zone) = (from..<to, zone)
    }

    /// The zone alone, where the time is given. UTC without one.
    /// - Throws: `InvalidCommand`.
    static func zone(_ query: QueryReader) throws -> ZoneOffsets {
        var problems: [InvalidCommand.Problem] = []
        let zone = zone(query, &problems)
        guard let zone else { throw InvalidCommand(problems) }
        return zone
    }

    private static func zone(_ query: QueryReader, _ problems: inout [InvalidCommand.Problem]) -> ZoneOffsets? {
        guard let name = query.text("zone") else { return .utc }
        let zone = ZoneOffsets(iana: withPlus(name))
        if zone == nil {
            problems.append(.init(field: "zone", message: "must be an IANA time zone such as Europe/Berlin"))
        }
        return zone
    }

    private static func moment(
        _ name: String, _ query: QueryReader, _ zone: ZoneOffsets, _ problems: inout [InvalidCommand.Problem]
    ) -> Date? {
        let expected = "a day such as 2026-01-31, or a time such as 2026-01-31T08:00:00Z"
        guard let text = query.text(name) else {
            problems.append(.init(field: name, message: "is missing: give \(expected)"))
            return nil
        }
        let moment = date(text, in: zone)
        if moment == nil { problems.append(.init(field: name, message: "must be \(expected)")) }
        return moment
    }

    /// The beginning of a day, or an instant. `nil` for anything else.
    static func date(_ text: String, in zone: ZoneOffsets) -> Date? {
        if let day = CalendarDay(text) { return day.start(in: zone) }
        return RFC3339.date(withPlus(text))
    }

    /// A query's plus was read as a blank, which neither an offset (`+01:00`) nor a zone (`Etc/GMT+5`) has.
    private static func withPlus(_ text: String) -> String { text.replacing(" ", with: "+") }

    /// By the clock of the zone or by that of Greenwich: 366 days may have an hour more or less than others.
    private static func isShort(_ range: Range<Date>, _ zone: ZoneOffsets) -> Bool {
        func offset(_ date: Date) -> Double { Double(zone.secondsFromGMT(Int(date.timeIntervalSince1970))) }
        let seconds = range.upperBound.timeIntervalSince(range.lowerBound)
        let shown = seconds + offset(range.upperBound) - offset(range.lowerBound)
        return min(seconds, shown) <= Double(maxDays * 86_400)
    }
}
