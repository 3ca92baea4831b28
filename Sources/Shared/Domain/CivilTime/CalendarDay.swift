/// A day of the calendar without a time or a zone, as RFC 3339 writes it: `2026-01-31`. Of the years 1 to 9999.
package struct CalendarDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 1970-01-01 is 0.
    let number: Int

    /// `nil` for anything that is no day of the years 1 to 9999.
    package init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], let year = parts[0].decimal, let month = parts[1].decimal,
            let day = parts[2].decimal
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// `nil`: there is no such day.
    init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        let civil = CivilMonth(year: year, month: month)
        guard (1...civil.length).contains(day) else { return nil }
        number = civil.firstDay + day - 1
    }

    /// The first or the last day of all where the number is beyond it.
    init(number: Int) {
        self.number = min(
            max(number, CivilMonth(year: 1, month: 1).firstDay), CivilMonth(year: 10_000, month: 1).firstDay - 1)
    }

    package var description: String {
        let month = CivilMonth(containing: number)
        return "\(month.year.padded(to: 4))-\(month.month.padded(to: 2))-\((number - month.firstDay + 1).padded(to: 2))"
    }

    package static func < (one: CalendarDay, other: CalendarDay) -> Bool { one.number < other.number }

    /// So many days later, or earlier; the last or the first day of all at most.
    package func adding(days: Int) -> CalendarDay {
        let sum = number.addingReportingOverflow(days)
        return CalendarDay(number: sum.overflow ? (days < 0 ? .min : .max) : sum.partialValue)
    }
}

extension Int {
    /// With zeros before it. For what is 0 or more.
    func padded(to digits: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
    }
}

extension Collection<UInt8> {
    /// The number that ASCII digits write. `nil`: there is none, something else, or more than nine.
    var decimal: Int? {
        guard (1...9).contains(count), allSatisfy({ (48...57).contains($0) }) else { return nil }
        return reduce(0) { $0 * 10 + Int($1 - 48) }
    }
}
