/// The occurrences of a series, one after the other as they are asked for.
struct RecurrenceCursor {
    private var merge: RecurrenceMerge
    private var steps: StepBudget
    private let range: Range<Int>

    /// - Parameter range: Of starts; in seconds, as those of the series.
    init(_ series: RecurrenceSeries, in range: Range<Int>) {
        steps = StepBudget(RecurrenceLimit.maxSteps)
        merge = series.merge(in: range, &steps)
        self.range = range
    }

    /// `nil`: there are no more, or `RecurrenceLimit.maxSteps` were taken.
    mutating func next() -> Int? {
        while let instant = merge.next(&steps), instant < range.upperBound {
            if instant >= range.lowerBound { return instant }
        }
        return nil
    }

    /// It ended before its range did.
    var isExhausted: Bool { steps.isExhausted }

    var stepsTaken: Int { steps.taken }
}

extension RecurrenceSet where Start == CalendarDay {
    func cursor(in range: Range<CalendarDay>) -> RecurrenceCursor {
        RecurrenceCursor(series, in: range.lowerBound.number * 86_400..<range.upperBound.number * 86_400)
    }
}

extension RecurrenceSet where Start == ZonedTime {
    /// - Parameter zone: The set's own, as it may remember the time in question.
    func cursor(in range: Range<Int>, zone: ZoneOffsets) -> RecurrenceCursor {
        RecurrenceCursor(
            RecurrenceSeries(start: series.start, zone: zone, isAllDay: false, lines: series.lines), in: range)
    }
}
