import Domain
import Foundation

/// Changes as the API and its people make them. Each takes the next version; whoever calls it tells the channels.
extension CalendarContents {
    /// - Throws: 409 also for an id whose event was deleted.
    mutating func insert(_ event: SimulatedEvent) throws(CalendarRefusal) {
        if self[event.id] != nil { throw .duplicate }
        put(event, event.status == "cancelled" ? .gone : .live)
    }

    /// What an id stands for in the API: a row, or an instance of a series that nothing was done to.
    enum Found: Sendable {
        case row(Row)
        case instance(SimulatedEvent, master: Row)

        var event: SimulatedEvent {
            switch self {
            case .row(let row): row.event
            case .instance(let event, _): event
            }
        }
        var etag: String {
            switch self {
            case .row(let row): row.etag
            case .instance(_, let master): master.etag
            }
        }
        var isDeleted: Bool { if case .row(let row) = self { row.stage != .live } else { false } }
    }

    /// - Parameter zone: the calendar's.
    func find(_ id: String, zone: ZoneOffsets) throws(CalendarRefusal) -> Found {
        if let row = self[id], !row.isReset || row.stage != .gone { return .row(row) }
        if let instance = instance(id, zone: zone) { return .instance(instance.event, master: instance.master) }
        guard let row = self[id] else { throw .notFound }
        return .row(row)
    }

    private func instance(_ id: String, zone: ZoneOffsets) -> (event: SimulatedEvent, master: Row)? {
        guard let cut = id.lastIndex(of: "_"), let master = master(String(id[..<cut])),
            let original = EventMoment(idSuffix: id[id.index(after: cut)...], zone: master.event.start.zone),
            original.isDay == master.event.start.isDay,
            SeriesInstances(master.event, zone: zone).occurs(at: original)
        else { return nil }
        return (SeriesInstances.instance(of: master.event, at: original), master)
    }

    /// An event becomes what it is given as; an instance becomes an exception.
    mutating func update(_ found: Found, to event: SimulatedEvent, now: Date) {
        let before = found.event
        var event = event
        event.updated = now
        let isMoved = before.start != event.start || before.recurrence != event.recurrence
        if isMoved || before.end != event.end || before.status != event.status { event.sequence += 1 }
        if event.status == "cancelled" {
            cancel(found, as: event, now: now)
            return
        }
        if case .row(let row) = found, row.stage == .live, before.isMaster, isMoved {
            retire(before)
            resetExceptions(of: before.id, now: now)
        }
        put(event, .live)
        if found.isDeleted, event.isMaster { forgetExceptions(of: event.id, now: now) }
    }

    /// - Throws: 410 for what is deleted already.
    mutating func delete(_ found: Found, now: Date) throws(CalendarRefusal) {
        if found.isDeleted { throw .deleted }
        var event = found.event
        event.status = "cancelled"
        event.sequence += 1
        cancel(found, as: event, now: now)
    }

    private mutating func cancel(_ found: Found, as event: SimulatedEvent, now: Date) {
        var event = event
        event.updated = now
        if let series = event.series, master(series) != nil {
            put(event, .hole)
            return
        }
        if case .row(let row) = found, row.stage == .live, row.event.isMaster {
            retire(row.event)
            endExceptions(of: event.id, now: now)
        }
        put(event, .gone)
    }

    /// Where a series takes place differently, what was said about single occurrences means nothing any more.
    private mutating func resetExceptions(of series: String, now: Date) {
        for row in exceptions(of: series) {
            var event = row.event
            event.status = "cancelled"
            event.updated = now
            put(event, .gone, isReset: true)
        }
    }

    /// A series that is back has none of its exceptions: who heard of them as cancelled must not take them for holes.
    private mutating func forgetExceptions(of series: String, now: Date) {
        for row in allExceptions(of: series) where row.stage == .gone {
            var event = row.event
            event.updated = now
            put(event, .gone, isReset: true)
        }
    }

    private mutating func endExceptions(of series: String, now: Date) {
        for row in exceptions(of: series) {
            var event = row.event
            event.status = "cancelled"
            event.updated = now
            put(event, .gone)
        }
    }
}
