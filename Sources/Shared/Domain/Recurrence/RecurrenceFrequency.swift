/// FREQ: the period that a rule repeats, from the finest to the coarsest.
package enum RecurrenceFrequency: Int, Sendable, CaseIterable, Comparable {
    case secondly, minutely, hourly, daily, weekly, monthly, yearly

    /// As a rule writes it: `WEEKLY`.
    package var name: String { String(describing: self).uppercased() }

    package static func < (one: RecurrenceFrequency, other: RecurrenceFrequency) -> Bool {
        one.rawValue < other.rawValue
    }
}
