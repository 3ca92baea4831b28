package import FoundationEssentials

/// The occurrences of a recurring event: its start, what its RRULE and RDATE lines add, without what its EXDATE and
/// EXRULE lines take away (RFC 5545 section 3.8.5). `Start` is a `CalendarDay` for an event of whole days, else a
/// `ZonedTime`.
///
/// - The start is an occurrence, also where no rule makes it, and is the first of COUNT. Excluded ones count.
/// - Rules run on the event's own clock. A time that the clock skips is taken with the offset before the gap, and one
///   that it shows twice is the first (`ZoneOffsets+local`), as section 3.3.10 says: "the time of the recurrence
///   instance is interpreted in the same manner as an explicit DATE-TIME value describing that date and time, as
///   specified in Section 3.3.5". The same section also says that a "nonexistent local time" is ignored; the later and
///   more particular sentence holds. Two local times that are one instant are one occurrence, and two of COUNT.
/// - UNTIL includes what it names. A day that bounds times means its end on the event's clock; a time that bounds days
///   includes its day, for UTC the one in UTC. The RFC allows neither, yet calendars write both.
/// - BYWEEKNO without BYDAY means the start's weekday. A yearly rule's period is the calendar year: 29 December 2025, a
///   Monday of week 1, belongs to 2025.
///
/// Nothing is computed ahead of a question. What one costs is bounded by `RecurrenceLimit`, and an answer that reached
/// a limit says so.
package struct RecurrenceSet<Start: Sendable & Equatable>: Sendable, Equatable {
    package let start: Start
    let series: RecurrenceSeries

    private init(_ start: Start, _ series: RecurrenceSeries) {
        self.start = start
        self.series = series
    }
}

extension RecurrenceSet where Start == CalendarDay {
    /// - Parameter lines: As Google's `recurrence[]`. Without any, the event occurs once.
    package init(start: CalendarDay, lines: [String]) throws(InvalidRecurrence) {
        self.init(
            start,
            RecurrenceSeries(
                start: start.number * 86_400, zone: .utc, isAllDay: true,
                lines: try RecurrenceLines(lines, isAllDay: true)))
    }

    /// The days in a range on which the event starts; those on which it only goes on are not among them
    /// (`EventLength.starts(overlapping:)`).
    package func occurrences(
        in range: Range<CalendarDay>, atMost limit: Int = RecurrenceLimit.maxOccurrences
    ) -> Occurrences<CalendarDay> {
        let found = series.occurrences(
            in: range.lowerBound.number * 86_400..<range.upperBound.number * 86_400, atMost: limit)
        return Occurrences(starts: found.starts.map { CalendarDay(number: $0 / 86_400) }, limit: found.limit)
    }
}

extension RecurrenceSet where Start == ZonedTime {
    /// - Parameter lines: As Google's `recurrence[]`. Without any, the event occurs once.
    package init(start: ZonedTime, lines: [String]) throws(InvalidRecurrence) {
        self.init(
            start,
            RecurrenceSeries(
                start: start.local.seconds, zone: start.zone, isAllDay: false,
                lines: try RecurrenceLines(lines, isAllDay: false)))
    }

    /// The instants in a range at which the event starts, as far as they lie in the years 1 to 4000; those during which
    /// it only goes on are not among them (`EventLength.starts(overlapping:)`).
    package func occurrences(
        in range: Range<Date>, atMost limit: Int = RecurrenceLimit.maxOccurrences
    ) -> Occurrences<Date> {
        let lower = EpochSeconds.seconds(roundingUp: range.lowerBound)
        let upper = EpochSeconds.seconds(roundingUp: range.upperBound)
        let found = series.occurrences(in: lower..<upper, atMost: limit)
        return Occurrences(starts: found.starts.map(EpochSeconds.date), limit: found.limit)
    }
}
