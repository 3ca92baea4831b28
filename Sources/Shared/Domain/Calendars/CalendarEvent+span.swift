package import FoundationEssentials

extension CalendarEvent {
    /// When it may take place; of a master all of the series, with exceptions left where they would have been. UNTIL is
    /// honoured, and so is COUNT where it is soon counted. `nil`: never, since it is cancelled or has no start.
    package func span(calendarZone: ZoneOffsets) -> EventSpan? {
        guard status != .cancelled, let times else { return nil }
        switch times {
        case .days(let first, let length):
            let bounds =
                (try? RecurrenceSet(start: first, lines: recurrence ?? []).series.bounds())
                ?? (first.number * 86_400, first.number * 86_400)
            let last = bounds.last.map { length.end(of: CalendarDay(number: $0.quotient(86_400))) }
            // The day begins and ends somewhere on Earth.
            return EventSpan(
                first: EpochSeconds.date(bounds.first), last: last?.start(in: .utc)
            ).widened
        case .times(let first, let length):
            let single = EventSpan(first: first, last: length.end(of: first))
            guard isMaster, let bounds = bounds(from: first, calendarZone) else { return single }
            // The clock of the event is less than a day from UTC.
            return EventSpan(
                first: EpochSeconds.date(bounds.first), last: bounds.last.map { length.end(of: EpochSeconds.date($0)) }
            ).widened
        }
    }

    /// `nil`: the rule is broken, and it takes place once.
    private func bounds(from first: Date, _ calendarZone: ZoneOffsets) -> (first: Int, last: Int?)? {
        var zones = ZoneBook(calendarZone: calendarZone)
        let start = ZonedTime(at: first, in: zones.zone(of: self))
        return try? RecurrenceSet(start: start, lines: recurrence ?? []).series.bounds()
    }

    /// Where in its series an exception belongs, as an instant to order by: a day is its midnight in UTC. `nil`: it is
    /// none.
    package var originalInstant: Date? { original?.instant(in: .utc) }
}

extension EventSpan {
    /// By the most that a clock may be from UTC.
    fileprivate var widened: EventSpan {
        EventSpan(first: first.addingTimeInterval(-86_400), last: last?.addingTimeInterval(86_400))
    }
}
