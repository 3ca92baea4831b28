/// When an event recurs: the RECUR value of RFC 5545 section 3.3.10
/// (https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10), as calendars hand it over in an RRULE line.
///
/// Reading is strict. A part that is unknown, doubled, empty or out of its range is an error that names it, and so is a
/// combination that the RFC forbids ("N/A" in its table). Names are read in any case.
package struct RecurrenceRule: Sendable, Equatable {
    package let frequency: RecurrenceFrequency
    /// Every how many periods.
    package let interval: Int
    /// How many occurrences there are; the event's start is the first. `nil`: no such bound.
    package let count: Int?
    /// The latest start, itself included. `nil`: no such bound.
    package let until: RecurrenceMoment?
    package let weekStart: Weekday
    package let days: [RecurrenceDay]
    /// Ascending, each once.
    private let numbers: [RecurrencePart: [Int]]

    package var seconds: [Int] { numbers[.seconds] ?? [] }
    package var minutes: [Int] { numbers[.minutes] ?? [] }
    package var hours: [Int] { numbers[.hours] ?? [] }
    package var monthDays: [Int] { numbers[.monthDays] ?? [] }
    package var yearDays: [Int] { numbers[.yearDays] ?? [] }
    package var weekNumbers: [Int] { numbers[.weekNumbers] ?? [] }
    package var months: [Int] { numbers[.months] ?? [] }
    package var positions: [Int] { numbers[.positions] ?? [] }

    /// - Parameter text: With or without `RRULE:` before it.
    package init(_ text: some StringProtocol) throws(InvalidRecurrence) {
        let parts = try RecurrenceRuleText(text)
        frequency = try parts.frequency()
        interval = try parts.number(.interval) ?? 1
        count = try parts.number(.count)
        until = try parts.until()
        weekStart = try parts.weekStart() ?? .monday
        days = try parts.days()
        var numbers: [RecurrencePart: [Int]] = [:]
        for part in Self.lists { numbers[part] = try parts.numbers(part) }
        self.numbers = numbers
        try check()
    }

    private static let lists: [RecurrencePart] = [
        .seconds, .minutes, .hours, .monthDays, .yearDays, .weekNumbers, .months, .positions,
    ]

    private func has(_ part: RecurrencePart) -> Bool { part == .days ? !days.isEmpty : numbers[part] != nil }

    /// What the RFC says must not be combined.
    private func check() throws(InvalidRecurrence) {
        if count != nil, until != nil { throw RecurrencePart.count.invalid("Write COUNT or UNTIL, not both.") }
        if has(.monthDays), frequency == .weekly { throw misplaced(.monthDays) }
        if has(.yearDays), (.daily ... .monthly).contains(frequency) { throw misplaced(.yearDays) }
        if has(.weekNumbers), frequency != .yearly { throw misplaced(.weekNumbers) }
        if days.contains(where: { $0.ordinal != nil }) {
            guard frequency >= .monthly else {
                throw RecurrencePart.days.invalid("A number before the weekday needs FREQ=MONTHLY or FREQ=YEARLY.")
            }
            if has(.weekNumbers) {
                throw RecurrencePart.days.invalid("A number before the weekday does not go with BYWEEKNO.")
            }
        }
        if has(.positions), !has(.days), !Self.lists.contains(where: { $0 != .positions && has($0) }) {
            throw RecurrencePart.positions.invalid("It needs another part that begins with BY.")
        }
    }

    private func misplaced(_ part: RecurrencePart) -> InvalidRecurrence {
        part.invalid("It does not go with FREQ=\(frequency.name).")
    }
}
