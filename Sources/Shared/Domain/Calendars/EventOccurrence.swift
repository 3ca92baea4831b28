package import FoundationEssentials

/// One taking place of an event, in an answer.
package struct EventOccurrence: Sendable, Equatable {
    /// The provider's: the event's own, or for one that a series makes `<master>_20260101T090000Z`, in UTC, or
    /// `<master>_20260101`.
    package var id: String
    /// A single event, an exception, or the master that it comes from.
    package var event: CalendarEvent
    package var start: EventMoment
    /// Exclusive. A day where the start is one, a time otherwise.
    package var end: EventMoment
    /// Where it belongs in its series. `nil`: it is of none.
    package var original: EventMoment?
    /// Its series is in the calendar.
    package var isRecurring: Bool

    package init(
        id: String, event: CalendarEvent, start: EventMoment, end: EventMoment, original: EventMoment? = nil,
        isRecurring: Bool = false
    ) {
        self.id = id
        self.event = event
        self.start = start
        self.end = end
        self.original = original
        self.isRecurring = isRecurring
    }

    /// When it takes place; whole days are those of `zone`. Empty for an event that takes no time.
    package func interval(in zone: ZoneOffsets) -> Range<Date> {
        let first = start.instant(in: zone)
        return first..<max(first, end.instant(in: zone))
    }

    /// As the provider shows the one occurrence: what it has of its series, and where in it it belongs.
    package var instance: CalendarEvent {
        guard event.isMaster else { return event }
        var instance = event
        (instance.id, instance.start, instance.end, instance.recurrence) = (id, start, end, nil)
        (instance.series, instance.original) = (event.id, original)
        return instance
    }

    /// When an occurrence that a series makes takes place, by its id; a day is the whole of it in UTC. `nil`: it is no
    /// such id.
    package static func range(ofID id: String) -> Range<Date>? {
        guard let mark = id.lastIndex(of: "_") else { return nil }
        switch RecurrenceMoment(id[id.index(after: mark)...]) {
        case .day(let day): return day.start(in: .utc)..<day.adding(days: 1).start(in: .utc)
        case .instant(let instant): return instant..<instant.addingTimeInterval(1)
        case .local, nil: return nil
        }
    }
}

extension EventMoment {
    /// A day begins as it does in `zone`.
    package func instant(in zone: ZoneOffsets) -> Date {
        switch self {
        case .day(let day): day.start(in: zone)
        case .time(let instant, _): instant
        }
    }
}
