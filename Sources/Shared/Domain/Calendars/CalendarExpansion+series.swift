import FoundationEssentials

extension CalendarExpansion {
    /// A master, and which of its occurrences something else stands for.
    struct Series: Sendable {
        let master: CalendarEvent
        let starts: Starts
        /// In seconds since 1970-01-01 00:00 UTC, as those of the rule; days are midnights in UTC.
        private let replaced: Set<Int>
        /// Where the master's clock shows its start twice and it means the second time: what the rule makes of it, and
        /// what it is.
        private let second: (made: Int, meant: Int)?

        enum Starts: Sendable {
            case days(RecurrenceSet<CalendarDay>, EventLength<CalendarDay>)
            case times(RecurrenceSet<ZonedTime>, EventLength<Date>)
        }

        init(_ master: CalendarEvent, _ times: EventTimes, zone: ZoneOffsets, replaced: [EventMoment]) {
            self.master = master
            let lines = master.recurrence ?? []
            switch times {
            case .days(let first, let length):
                let read = { (lines) throws(InvalidRecurrence) in try RecurrenceSet(start: first, lines: lines) }
                starts = .days(Self.readable(lines, read), length)
                self.replaced = Set(replaced.compactMap(\.daySeconds))
                second = nil
            case .times(let first, let length):
                let start = ZonedTime(at: first, in: zone)
                let read = { (lines) throws(InvalidRecurrence) in try RecurrenceSet(start: start, lines: lines) }
                starts = .times(Self.readable(lines, read), length)
                self.replaced = Set(replaced.compactMap(\.instantSeconds))
                let made = zone.instant(ofLocal: start.local.seconds)
                let meant = EpochSeconds.seconds(first) ?? made
                second = made == meant ? nil : (made, meant)
            }
        }

        /// Without lines it occurs once, at its start.
        private static func readable<Start>(
            _ lines: [String], _ read: ([String]) throws(InvalidRecurrence) -> RecurrenceSet<Start>
        ) -> RecurrenceSet<Start> {
            if let set = try? read(lines) { return set }
            guard let set = try? read([]) else { preconditionFailure("no lines are no broken lines") }
            return set
        }

        func occurrence(at seconds: Int) -> EventOccurrence {
            let start: EventMoment
            let end: EventMoment
            switch starts {
            case .days(_, let length):
                let day = CalendarDay(number: seconds.quotient(86_400))
                (start, end) = (.day(day), .day(length.end(of: day)))
            case .times(_, let length):
                let instant = EpochSeconds.date(seconds)
                start = .time(instant, zone: master.start?.zone)
                end = .time(length.end(of: instant), zone: master.end?.zone ?? master.start?.zone)
            }
            return EventOccurrence(
                id: "\(master.id)_\(start.digits)", event: master, start: start, end: end, original: start,
                isRecurring: true)
        }

        /// What the rule's instant is, `nil` where something else stands for it.
        func start(_ made: Int) -> Int? {
            let start = made == second?.made ? second?.meant ?? made : made
            return replaced.contains(start) ? nil : start
        }

        /// How much later than the rule has it an occurrence may be.
        var delay: Int { second.map { max(0, $0.meant - $0.made) } ?? 0 }
    }
}

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

extension EventMoment {
    /// As a time: `nil` for a day, and where the calendar's is meant.
    var zone: String? { if case .time(_, let zone) = self { zone } else { nil } }

    /// As the starts of a series of days. `nil`: it is a time.
    var daySeconds: Int? { if case .day(let day) = self { day.number * 86_400 } else { nil } }

    /// As the starts of a series of times. `nil`: it is a day.
    var instantSeconds: Int? { if case .time(let instant, _) = self { EpochSeconds.seconds(instant) } else { nil } }

    /// As the provider's instance ids and iCalendar have it: `20260101T090000Z`, or `20260101`.
    var digits: String {
        switch self {
        case .day(let day): day.description.filter { $0 != "-" }
        case .time(let instant, _): LocalTime(at: instant, in: .utc).digits + "Z"
        }
    }
}

extension LocalTime {
    /// As iCalendar has it: `20260101T090000`.
    var digits: String { description.filter { $0 != "-" && $0 != ":" } }
}
