import Domain
import Foundation

extension EventListing {
    private var range: Range<Date> {
        (position.window.min ?? .distantPast)..<(position.window.max ?? .distantFuture)
    }

    /// `singleEvents=true`: single events, exceptions, and the instances of every series.
    func instanceItems() -> [Item] {
        var found: [Item] = []
        for row in contents.rows where row.fits(parameters) {
            let isNew = position.since.map { row.version > $0 } ?? true
            if row.stage == .live, row.event.isMaster {
                if isNew { found += instances(of: row) }
            } else if isNew, row.stage != .gone || position.since != nil || parameters.isTrue("showDeleted") {
                if row.stage != .live, position.since == nil, !parameters.isTrue("showDeleted") { continue }
                // A deleted series was never in the list itself: its instances are taken back below.
                if !row.event.isMaster, position.since != nil || overlaps(row.event) { found.append(item(row)) }
            }
        }
        if let since = position.since { found += retractions(since: since) }
        return found
    }

    /// `events.instances`.
    func instances(ofSeries id: String) -> [Item] {
        let rows = contents.exceptions(of: id).filter {
            ($0.stage == .live || parameters.isTrue("showDeleted")) && overlaps($0.event)
        }
        return rows.map { item($0) } + (contents.master(id).map { instances(of: $0) } ?? [])
    }

    private func overlaps(_ event: SimulatedEvent) -> Bool {
        event.end.instant(in: calendarZone) > range.lowerBound
            && event.start.instant(in: calendarZone) < range.upperBound
    }

    /// Those that nothing was done to.
    private func instances(of row: CalendarContents.Row) -> [Item] {
        let taken = Set(contents.exceptions(of: row.id).map(\.id))
        return SeriesInstances(row.event, zone: calendarZone).originals(overlapping: range).compactMap { original in
            let instance = SeriesInstances.instance(of: row.event, at: original)
            if taken.contains(instance.id) { return nil }
            let (zone, info, etag) = (zone, info, row.etag)
            return Item(cursor: .init(key: key(instance, row.version), id: instance.id)) {
                instance.json(etag: etag, in: zone, of: info)
            }
        }
    }

    private func item(_ row: CalendarContents.Row) -> Item {
        Item(cursor: .init(key: key(row.event, row.version), id: row.id)) { render(row) }
    }

    private func key(_ event: SimulatedEvent, _ version: Int) -> UInt64 {
        switch parameters["orderBy"] {
        case "startTime": UInt64(max(0, event.start.instant(in: calendarZone).timeIntervalSince1970 + 7e10))
        case "updated": UInt64(max(0, event.updated.timeIntervalSince1970) * 1_000)
        default: SeededGenerator.hash(event.id)
        }
    }

    /// Instances that a series had, and has no more.
    private func retractions(since: Int) -> [Item] {
        var found: [String: Item] = [:]
        for retired in contents.retired where retired.version >= since {
            let now = contents.master(retired.master.id).map { SeriesInstances($0.event, zone: calendarZone) }
            for original in SeriesInstances(retired.master, zone: calendarZone).originals(overlapping: range)
            where !(now?.occurs(at: original) ?? false) {
                let instance = SeriesInstances.instance(of: retired.master, at: original)
                if let row = contents[instance.id], row.version > since { continue }
                let (zone, info, etag) = (zone, info, CalendarContents.etag(contents.version))
                found[instance.id] = Item(cursor: .init(key: key(instance, 0), id: instance.id)) {
                    instance.hole(etag: etag, in: zone, of: info)
                }
            }
        }
        return Array(found.values)
    }
}
