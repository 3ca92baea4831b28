import Domain
import Foundation

/// Changes that people might make to a calendar, any of them, the same for the same seed.
struct CalendarMutation {
    enum Kind: String, CaseIterable {
        case insert
        case insertSeries = "insert_series"
        case insertGuestInstance = "insert_guest_instance"
        case edit, move
        case delete
        case editSeries = "edit_series"
        case moveSeries = "move_series"
        case changeRule = "change_rule"
        case moveInstance = "move_instance"
        case cancelInstance = "cancel_instance"
        case restoreInstance = "restore_instance"
        case deleteSeries = "delete_series"
        case undelete

        /// How often it is chosen, beside the others.
        fileprivate var weight: Int {
            switch self {
            case .insert, .edit, .move, .moveInstance, .cancelInstance: 4
            case .insertSeries, .delete: 2
            default: 1
            }
        }
        fileprivate static let weighted = allCases.flatMap { Array(repeating: $0, count: $0.weight) }
    }

    private var sketch: EventSketch
    private let kinds: [Kind]
    private var zone: ZoneOffsets { Zones.offsets(sketch.info.timeZone) }

    /// - Parameter kinds: nil: any.
    init(_ info: CalendarInfo, person: SimulatedEvent.Person, seed: UInt64, kinds: [Kind]?, now: Date) {
        sketch = EventSketch(info, person: person, seed: seed, now: now)
        self.kinds = kinds ?? Kind.weighted
    }

    /// One change. Where a kind finds nothing to change, another event is put in.
    mutating func apply(to contents: inout CalendarContents) -> Kind {
        let kind = sketch.pick(kinds)
        if change(kind, &contents) { return kind }
        contents.put(sketch.event(isSeries: false), .live)
        return .insert
    }

    private mutating func change(_ kind: Kind, _ contents: inout CalendarContents) -> Bool {
        switch kind {
        case .insert: contents.put(sketch.event(isSeries: false), .live)
        case .insertSeries: contents.put(sketch.event(isSeries: true), .live)
        case .insertGuestInstance: contents.put(guestInstance(), .live)
        case .edit: return update(&contents, { $0.stage == .live && !$0.event.isMaster }, Self.retitle)
        case .move: return update(&contents, { $0.stage == .live && !$0.event.isMaster }, Self.shift)
        case .delete: return cancel(&contents) { $0.stage == .live && !$0.event.isMaster }
        case .editSeries: return update(&contents, { $0.stage == .live && $0.event.isMaster }, Self.retitle)
        case .moveSeries: return update(&contents, { $0.stage == .live && $0.event.isMaster }, Self.shift)
        case .changeRule:
            return update(&contents, { $0.stage == .live && $0.event.isMaster }) { $0.recurrence = [$1.rule()] }
        case .moveInstance: return instance(&contents, isCancelled: false)
        case .cancelInstance: return instance(&contents, isCancelled: true)
        case .restoreInstance:
            return update(&contents, { $0.stage == .hole }) { event, _ in event.status = "confirmed" }
        case .deleteSeries: return cancel(&contents) { $0.stage == .live && $0.event.isMaster }
        case .undelete:
            return update(&contents, { $0.stage == .gone && $0.event.series == nil }) { event, _ in
                event.status = "confirmed"
            }
        }
        return true
    }

    private static func retitle(_ event: inout SimulatedEvent, _ sketch: inout EventSketch) {
        event["summary"] = .string(sketch.title())
        if sketch.chance(30) { event["description"] = .string("Notes for \(sketch.title())\n\n– none yet") }
        if sketch.chance(10) { event["location"] = nil }
    }

    private static func shift(_ event: inout SimulatedEvent, _ sketch: inout EventSketch) {
        let seconds = sketch.pick([-86_400 * 7, -86_400, -3_600, 900, 3_600, 86_400, 86_400 * 3])
        let days = event.start.isDay && abs(seconds) < 86_400 ? 86_400 : seconds
        event.start = event.start.moved(bySeconds: days)
        event.end = event.end.moved(bySeconds: days)
    }

    /// One occurrence of somebody else's series, to which the calendar's owner alone was invited.
    private mutating func guestInstance() -> SimulatedEvent {
        var series = sketch.event(isSeries: true)
        series.organizer = .init(email: "host@elsewhere.example", name: "A Host", isSelf: false)
        return SeriesInstances.instance(of: series, at: series.start)
    }

    private mutating func choose(
        _ contents: CalendarContents, _ fits: (CalendarContents.Row) -> Bool
    ) -> CalendarContents.Row? {
        guard !contents.rows.isEmpty else { return nil }
        for _ in 0..<30 {
            let row = contents.rows[sketch.number(0..<contents.rows.count)]
            if fits(row) { return row }
        }
        return contents.rows.first(where: fits)
    }

    private mutating func update(
        _ contents: inout CalendarContents, _ fits: (CalendarContents.Row) -> Bool,
        _ change: (inout SimulatedEvent, inout EventSketch) -> Void
    ) -> Bool {
        guard let row = choose(contents, fits) else { return false }
        var event = row.event
        change(&event, &sketch)
        contents.update(.row(row), to: event, now: sketch.now)
        return true
    }

    private mutating func cancel(
        _ contents: inout CalendarContents, _ fits: (CalendarContents.Row) -> Bool
    ) -> Bool {
        guard let row = choose(contents, fits) else { return false }
        try? contents.delete(.row(row), now: sketch.now)
        return true
    }

    private mutating func instance(_ contents: inout CalendarContents, isCancelled: Bool) -> Bool {
        guard let row = choose(contents, { $0.stage == .live && $0.event.isMaster }) else { return false }
        let originals = sketch.instances(of: row.event)
        guard !originals.isEmpty else { return false }
        let id = SeriesInstances.instance(of: row.event, at: sketch.pick(originals)).id
        guard let found = try? contents.find(id, zone: zone), !found.isDeleted else { return false }
        if isCancelled {
            try? contents.delete(found, now: sketch.now)
        } else {
            var event = found.event
            if sketch.chance(70) { Self.shift(&event, &sketch) } else { Self.retitle(&event, &sketch) }
            contents.update(found, to: event, now: sketch.now)
        }
        return true
    }
}
