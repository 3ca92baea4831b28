import Domain
import Foundation

/// When a series takes place. `Domain`'s recurrence rules decide, which are checked against dateutil; the simulator's
/// own check compares them with dateutil once more.
struct SeriesInstances: Sendable {
    /// What Google shows of a series without an end is bounded too.
    static let limit = 730

    let master: SimulatedEvent
    /// Of the calendar: where days begin.
    let zone: ZoneOffsets

    init(_ master: SimulatedEvent, zone: ZoneOffsets) {
        self.master = master
        self.zone = zone
    }

    /// Of the master's own clock.
    private var seriesZone: ZoneOffsets { master.start.zone.flatMap(Zones.named) ?? zone }

    func occurs(at original: EventMoment) -> Bool {
        switch original {
        case .day(let day): !days(in: day..<day.adding(days: 1), atMost: 1).isEmpty
        case .time(let instant, _): !times(in: instant..<instant.addingTimeInterval(1), atMost: 1).isEmpty
        }
    }

    /// The original starts of those that overlap the window.
    func originals(overlapping window: Range<Date>, atMost limit: Int = limit) -> [EventMoment] {
        let found: [EventMoment]
        switch (master.start, master.end) {
        case (.day(let start), .day(let end)):
            guard let first = EventMoment.day(at: window.lowerBound, in: zone),
                let last = EventMoment.day(at: window.upperBound, in: zone)
            else { return [] }
            let range = EventLength(from: start, to: end).starts(overlapping: first..<last.adding(days: 1))
            found = days(in: range, atMost: limit).map { .day($0) }
        case (.time(let start, let name), .time(let end, _)):
            let range = EventLength(from: start, to: end).starts(overlapping: window)
            found = times(in: range, atMost: limit).map { .time($0, zone: name) }
        default: found = []
        }
        return found.filter { original in
            let instance = Self.instance(of: master, at: original)
            return instance.end.instant(in: zone) > window.lowerBound
                && instance.start.instant(in: zone) < window.upperBound
        }
    }

    private func days(in range: Range<CalendarDay>, atMost limit: Int) -> [CalendarDay] {
        guard case .day(let start) = master.start,
            let set = try? RecurrenceSet(start: start, lines: master.recurrence)
        else { return [] }
        return set.occurrences(in: range, atMost: limit).starts
    }

    private func times(in range: Range<Date>, atMost limit: Int) -> [Date] {
        guard case .time(let start, _) = master.start,
            let set = try? RecurrenceSet(start: ZonedTime(at: start, in: seriesZone), lines: master.recurrence)
        else { return [] }
        return set.occurrences(in: range, atMost: limit).starts
    }

    static func instance(of master: SimulatedEvent, at original: EventMoment) -> SimulatedEvent {
        var instance = SimulatedEvent(
            id: "\(master.id)_\(original.idSuffix)", start: original, end: original, iCalUID: master.iCalUID,
            created: master.created, updated: master.updated, creator: master.creator, organizer: master.organizer)
        instance.status = master.status
        instance.series = master.id
        instance.original = original
        instance.sequence = master.sequence
        instance.fields = master.fields
        switch (master.start, master.end, original) {
        case (.day(let start), .day(let end), .day(let day)):
            instance.end = .day(EventLength(from: start, to: end).end(of: day))
        case (.time(let start, _), .time(let end, let zone), .time(let instant, _)):
            instance.end = .time(EventLength(from: start, to: end).end(of: instant), zone: zone)
        default: break
        }
        return instance
    }
}
