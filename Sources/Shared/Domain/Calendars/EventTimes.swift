import FoundationEssentials

/// When an event takes place for the first time, and how long each time.
enum EventTimes: Sendable {
    case days(CalendarDay, EventLength<CalendarDay>)
    case times(Date, EventLength<Date>)
}

extension CalendarEvent {
    /// `nil`: it has no start. An end that is missing, or that is no day where the start is one, or no time, counts as
    /// one that RFC 5545 section 3.6.1 takes for missing: a day then takes a day, and a time none. A day that ends
    /// before it is over takes a day too.
    var times: EventTimes? {
        switch (start, end) {
        case (nil, _): nil
        case (.day(let first)?, .day(let last)?):
            .days(first, EventLength(from: first, to: max(last, first.adding(days: 1))))
        case (.day(let first)?, _): .days(first, EventLength(from: first, to: first.adding(days: 1)))
        case (.time(let first, _)?, .time(let last, _)?): .times(first, EventLength(from: first, to: last))
        case (.time(let first, _)?, _): .times(first, EventLength(from: first, to: first))
        }
    }
}

extension EventTimes {
    /// When it takes place first; whole days are those of `zone`.
    func interval(in zone: ZoneOffsets) -> Range<Date> {
        switch self {
        case .days(let first, let length):
            let start = first.start(in: zone)
            return start..<max(start, length.end(of: first).start(in: zone))
        case .times(let first, let length): return first..<length.end(of: first)
        }
    }

    /// The start and the end of it, as the event's own zones have them.
    func moments(of event: CalendarEvent) -> (start: EventMoment, end: EventMoment) {
        switch self {
        case .days(let first, let length): (.day(first), .day(length.end(of: first)))
        case .times(let first, let length):
            (
                .time(first, zone: event.start?.zone),
                .time(length.end(of: first), zone: event.end?.zone ?? event.start?.zone)
            )
        }
    }
}

extension Range<Date> {
    /// Whether what lasts as long as this takes place in a range, or in part of it. What takes no time does where it
    /// starts.
    func takesPlace(in range: Range<Date>) -> Bool {
        lowerBound < range.upperBound && (upperBound > range.lowerBound || lowerBound >= range.lowerBound)
    }
}
