/// Where a question for occurrences ends before its range does.
package enum RecurrenceLimit: Sendable, Equatable {
    /// There are as many occurrences as were asked for, and there may be more.
    case occurrences
    /// `maxSteps` were taken. The range may hold more; ask again from after the last occurrence, or for a later range.
    case steps

    /// The most that one question is answered with: a year of an event at every fourth hour.
    package static let maxOccurrences = 2_500
    /// The most that one question costs: a step is a period, a day or a time of day that was looked at. A daily rule
    /// that only fires on 29 February takes 1,461 of them from one to the next.
    package static let maxSteps = 200_000
    /// The most lines an event has.
    package static let maxLines = 1_000
    /// The most dates that an event's RDATE and EXDATE lines hold.
    package static let maxDates = 10_000
}
