import FoundationEssentials

/// The occurrences of one series that take place in a range, one after the other.
struct SeriesCursor {
    private let series: CalendarExpansion.Series
    private let range: Range<Date>
    private let zone: ZoneOffsets
    private var starts: RecurrenceCursor

    /// - Parameters:
    ///   - zone: Of whole days.
    ///   - clock: The zone of the series, as it may remember the range.
    init(
        _ series: CalendarExpansion.Series, in range: Range<Date>, zone: ZoneOffsets,
        clock: (ZoneOffsets) -> ZoneOffsets
    ) {
        self.series = series
        self.range = range
        self.zone = zone
        switch series.starts {
        case .days(let set, let length):
            // A day may begin up to two days after one that goes on, where clocks skip a day.
            let days = LocalTime(at: range.lowerBound, in: zone).day.adding(days: -1)
            let last = LocalTime(at: range.upperBound, in: zone).day.adding(days: 2)
            starts = set.cursor(in: length.starts(overlapping: days..<last))
        case .times(let set, let length):
            let starting = length.starts(overlapping: range)
            let lower = EpochSeconds.seconds(roundingUp: starting.lowerBound) - series.delay
            starts = set.cursor(
                in: lower..<max(lower, EpochSeconds.seconds(roundingUp: starting.upperBound)),
                zone: clock(set.start.zone))
        }
    }

    /// The start of the next one, as the series has it, and when it is. `nil`: there are no more, or none were found
    /// for what that may cost.
    mutating func next() -> (seconds: Int, instant: Date)? {
        while let made = starts.next() {
            guard let seconds = series.start(made) else { continue }
            let interval = interval(at: seconds)
            if interval.takesPlace(in: range) { return (seconds, interval.lowerBound) }
        }
        return nil
    }

    private func interval(at seconds: Int) -> Range<Date> {
        switch series.starts {
        case .days(_, let length):
            EventTimes.days(CalendarDay(number: seconds.quotient(86_400)), length).interval(in: zone)
        case .times(_, let length): EventTimes.times(EpochSeconds.date(seconds), length).interval(in: zone)
        }
    }

    var isExhausted: Bool { starts.isExhausted }

    var stepsTaken: Int { starts.stepsTaken }
}
