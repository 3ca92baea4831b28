import Foundation

/// What a client holds that has read everything: events by their ids, as a full list gives them.
struct CalendarTruth {
    let calendar: SimulatedCalendar
    let entry: CalendarList.Entry

    var json: JSONValue {
        let (contents, info, zone) = (calendar.with { $0 }, calendar.info, calendar.zone)
        var events: [JSONValue.Member] = []
        var counts: [String: Int] = [:]
        for row in contents.rows where entry.role.canRead && row.stage != .gone {
            let json =
                row.stage == .live
                ? row.event.json(etag: row.etag, in: zone, of: info)
                : row.event.hole(etag: row.etag, in: zone, of: info)
            events.append(.init(name: row.id, value: json))
            let kind =
                row.stage == .hole
                ? "holes" : row.event.isMaster ? "series" : row.event.series == nil ? "single" : "exceptions"
            counts[kind, default: 0] += 1
        }
        return .members([
            "calendar": .string(calendar.id), "time_zone": .string(info.timeZone),
            "access_role": .string(entry.role.rawValue), "version": .integer(contents.version),
            "counts": .object(counts.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .integer($0.value)) }),
            "events": .object(events),
        ])
    }
}
