import Domain
import Foundation

/// The events of one calendar with all that happened to them. Plain values; `SimulatedCalendar` guards them.
struct CalendarContents: Sendable {
    /// Where an event is in its life.
    enum Stage: Sendable {
        case live
        /// A cancelled occurrence of a series that is live.
        case hole
        /// Deleted.
        case gone
    }

    struct Row: Sendable {
        var event: SimulatedEvent
        var stage: Stage
        /// Of the calendar's versions, the one that changed the event last.
        var version: Int
        /// Its place in lists without an order.
        let order: UInt64
        /// Its exceptional state ended because its series changed: nothing but the id may be told.
        var isReset = false

        var id: String { event.id }
        var etag: String { CalendarContents.etag(version) }
    }

    /// What a series was before it was changed or deleted: which instances a list of instances must take back.
    struct Retired: Sendable {
        var version: Int
        var master: SimulatedEvent
    }

    private(set) var rows: [Row] = []
    private var places: [String: Int] = [:]
    private var exceptions: [String: [Int]] = [:]
    private(set) var retired: [Retired] = []
    /// Counts changes.
    private(set) var version = 0
    var updated: Date
    /// Counts how often every token was made invalid.
    var epoch = 0
    private var sorted: [Int] = []

    init(now: Date) { updated = now }

    static func etag(_ version: Int) -> String { "\"\(3_300_000_000_000_000 + version * 2)\"" }

    subscript(id: String) -> Row? { places[id].map { rows[$0] } }

    /// A master that may have instances.
    func master(_ id: String) -> Row? {
        guard let row = self[id], row.stage == .live, row.event.isMaster else { return nil }
        return row
    }

    /// Rows of exceptions and holes of a series, the reset ones left out.
    func exceptions(of series: String) -> [Row] { allExceptions(of: series).filter { $0.stage != .gone } }

    func allExceptions(of series: String) -> [Row] { (exceptions[series] ?? []).map { rows[$0] } }

    /// The places of all rows by their order, computed when rows were added.
    mutating func sortedPlaces() -> [Int] {
        if sorted.count != rows.count {
            sorted = rows.indices.sorted { rows[$0].order < rows[$1].order }
        }
        return sorted
    }

    /// Puts an event in, or another in its place, as the next version.
    mutating func put(_ event: SimulatedEvent, _ stage: Stage, isReset: Bool = false) {
        version += 1
        updated = event.updated
        if let place = places[event.id] {
            rows[place].event = event
            rows[place].stage = stage
            rows[place].version = version
            rows[place].isReset = isReset
            return
        }
        places[event.id] = rows.count
        if let series = event.series { exceptions[series, default: []].append(rows.count) }
        rows.append(Row(event: event, stage: stage, version: version, order: SeededGenerator.hash(event.id)))
    }

    mutating func retire(_ master: SimulatedEvent) { retired.append(.init(version: version, master: master)) }
}
