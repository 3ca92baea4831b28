/// One value of BYDAY: `MO`, or with an ordinal `1MO` and `-1FR`.
package struct RecurrenceDay: Sendable, Hashable {
    package let weekday: Weekday
    /// Which of these weekdays of the month or the year; below zero from its end. `nil`: each.
    package let ordinal: Int?

    package init(_ weekday: Weekday, ordinal: Int? = nil) {
        self.weekday = weekday
        self.ordinal = ordinal
    }

    private static let names = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]

    init(_ text: Substring) throws(InvalidRecurrence) {
        weekday = try Self.weekday(text.suffix(2), of: .days)
        let number = text.dropLast(2)
        ordinal = number.isEmpty ? nil : try RecurrencePart.days.number(number)
    }

    static func weekday(_ text: Substring, of part: RecurrencePart) throws(InvalidRecurrence) -> Weekday {
        guard let index = names.firstIndex(of: String(text)), let weekday = Weekday(rawValue: index) else {
            throw part.invalid("Weekdays are SU, MO, TU, WE, TH, FR and SA.")
        }
        return weekday
    }
}
