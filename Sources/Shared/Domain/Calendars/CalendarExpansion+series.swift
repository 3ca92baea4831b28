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
