package import FoundationEssentials

/// How long each occurrence of an event takes, from the start and the end of the first one. `Start` is a `CalendarDay`
/// or a `Date`.
///
/// RFC 5545 section 3.8.5.3: "If the duration of the recurring component is specified with the DTEND or DUE property,
/// then the same exact duration will apply to all the members of the generated recurrence set." Calendars that give a
/// start and an end, as Google does, so mean an exact duration: two hours that begin before clocks are set end two
/// hours later, whatever the clock then shows. The nominal duration, which follows the clock, is that of a DURATION
/// property, which they do not have. Days have no clock: an end is so many days after a start, and not itself part of
/// the event.
package struct EventLength<Start: Sendable & Comparable>: Sendable, Equatable {
    /// Days or seconds; 0 or more.
    private let amount: Int
}

extension EventLength where Start == CalendarDay {
    /// An end before the start counts as one at it.
    package init(from start: CalendarDay, to end: CalendarDay) { amount = max(0, end.number - start.number) }

    /// The first day that the occurrence no longer has.
    package func end(of start: CalendarDay) -> CalendarDay { start.adding(days: amount) }

    /// Where occurrences start that take place in a range, or in part of it.
    package func starts(overlapping range: Range<CalendarDay>) -> Range<CalendarDay> {
        min(range.lowerBound.adding(days: min(0, 1 - amount)), range.upperBound)..<range.upperBound
    }
}

extension EventLength where Start == Date {
    /// To the second. An end before the start counts as one at it.
    package init(from start: Date, to end: Date) {
        let seconds = end.timeIntervalSince(start).rounded()
        amount = seconds > 0 ? Int(min(seconds, Double(EpochSeconds.end))) : 0
    }

    package func end(of start: Date) -> Date { start.addingTimeInterval(Double(amount)) }

    /// Where occurrences start that take place in a range, or in part of it.
    package func starts(overlapping range: Range<Date>) -> Range<Date> {
        guard amount > 0 else { return range }
        let lower = Date(timeIntervalSince1970: range.lowerBound.timeIntervalSince1970.rounded(.down))
        return min(lower.addingTimeInterval(Double(1 - amount)), range.upperBound)..<range.upperBound
    }
}
