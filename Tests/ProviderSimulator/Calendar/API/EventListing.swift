import Domain
import Foundation

/// One page of `events.list` or `events.instances`.
struct EventListing: Sendable {
    static let forbiddenWithSyncToken = [
        "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax",
        "updatedMin",
    ]
    /// With them a list has no sync token at its end.
    private static let withoutSyncToken = ["iCalUID", "orderBy", "q", "updatedMin"]

    let contents: CalendarContents
    let places: [Int]
    let info: CalendarInfo
    let parameters: CalendarParameters
    let position: ListPosition
    /// How many items the page has.
    let size: Int
    /// Whether deleted events tell more than their ids, sometimes.
    let showsDeletedDetails: Bool
    var zone: ZoneOffsets { parameters["timeZone"].flatMap(Zones.named) ?? Zones.offsets(info.timeZone) }
    var calendarZone: ZoneOffsets { Zones.offsets(info.timeZone) }

    struct Page: Sendable {
        var items: [JSONValue]
        var nextPageToken: String?
        var nextSyncToken: String?
    }

    struct Item: Sendable {
        var cursor: ListToken.Cursor
        var json: @Sendable () -> JSONValue
    }

    static func check(_ parameters: CalendarParameters) throws(CalendarRefusal) {
        if parameters["orderBy"] == "startTime", !parameters.isTrue("singleEvents") {
            throw .invalid("orderBy", "The requested ordering is not available for the particular query.")
        }
        if let min = parameters.date("timeMin"), let max = parameters.date("timeMax"), max <= min {
            throw .timeRangeEmpty
        }
        for name in ["privateExtendedProperty", "sharedExtendedProperty"] where parameters.has(name) {
            throw .notSimulated("the parameter \(name)")
        }
        if let date = parameters.date("updatedMin"), Date().timeIntervalSince(date) > 28 * 86_400 {
            throw .updatedMinTooLongAgo
        }
    }

    func page() -> Page { page(of: items()) }

    /// - Parameter items: those of the page, and one more when there are more.
    func page(of items: [Item]) -> Page {
        var found = items
        let hasMore = found.count > size
        if hasMore { found.removeLast(found.count - size) }
        var page = Page(items: found.map { $0.json() })
        if hasMore {
            let start = ListToken.Cursor(key: 0, id: "")
            page.nextPageToken = position.pageToken(after: found.last?.cursor ?? position.cursor ?? start)
        } else if !Self.withoutSyncToken.contains(where: parameters.has) {
            page.nextSyncToken = position.syncToken
        }
        return page
    }

    /// Those of the page, and one more when there are more.
    private func items() -> [Item] {
        if parameters.isTrue("singleEvents") { return cut(instanceItems()) }
        if parameters["orderBy"] == "updated" {
            return cut(contents.rows.filter(shows).map { item($0, key: $0.updatedKey) })
        }
        if let since = position.since {
            // Another order in every list: a client must not count on masters before their exceptions.
            let turn = SeededGenerator.mixed(UInt64(since))
            return cut(
                contents.rows.filter { $0.version > since && $0.fits(parameters) }.map {
                    item($0, key: $0.order ^ turn)
                })
        }
        return inOrder()
    }

    func cut(_ items: [Item]) -> [Item] {
        let rest = items.filter { item in position.cursor.map { $0 < item.cursor } ?? true }
        return Array(rest.sorted { $0.cursor < $1.cursor }.prefix(size + 1))
    }

    /// A long list's pages, without sorting all of it for each.
    private func inOrder() -> [Item] {
        var found: [Item] = []
        for place in places[start...] {
            let row = contents.rows[place]
            guard shows(row) else { continue }
            found.append(item(row, key: row.order))
            if found.count > size { break }
        }
        return found
    }

    /// The first place behind the cursor.
    private var start: Int {
        guard let cursor = position.cursor else { return 0 }
        var low = 0
        var high = places.count
        while low < high {
            let middle = (low + high) / 2
            let row = contents.rows[places[middle]]
            if cursor < .init(key: row.order, id: row.id) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func item(_ row: CalendarContents.Row, key: UInt64) -> Item {
        Item(cursor: .init(key: key, id: row.id)) { render(row) }
    }

    func render(_ row: CalendarContents.Row) -> JSONValue {
        switch row.stage {
        case .live: row.event.json(etag: row.etag, in: zone, of: info)
        case .hole: row.event.hole(etag: row.etag, in: zone, of: info)
        case .gone: tombstone(row)
        }
    }

    /// What a deleted event tells differs; a client may count on its id only.
    private func tombstone(_ row: CalendarContents.Row) -> JSONValue {
        let isOfLiveSeries = row.event.series.map { contents.master($0) != nil } ?? false
        let kind = showsDeletedDetails && !row.isReset && !isOfLiveSeries ? row.order % 3 : 0
        if kind == 1 { return row.event.json(etag: row.etag, in: zone, of: info) }
        if kind == 2 { return row.event.hole(etag: row.etag, in: zone, of: info) }
        return .object(SimulatedEvent.tombstone(row.id, etag: row.etag))
    }

    /// Whether a full list of events as they are has it.
    private func shows(_ row: CalendarContents.Row) -> Bool {
        guard row.fits(parameters), takesPlace(row.event) else { return false }
        let isRecent = parameters.date("updatedMin").map { row.event.updated >= $0 }
        guard isRecent ?? true else { return false }
        switch row.stage {
        case .live, .hole: return true
        case .gone: return isRecent ?? parameters.isTrue("showDeleted")
        }
    }

    /// Whether it lies in the window, or some of a series does.
    private func takesPlace(_ event: SimulatedEvent) -> Bool {
        let window = position.window
        guard window.min != nil || window.max != nil else { return true }
        let range = (window.min ?? .distantPast)..<(window.max ?? .distantFuture)
        if event.isMaster {
            return !SeriesInstances(event, zone: calendarZone).originals(overlapping: range, atMost: 1).isEmpty
        }
        return event.end.instant(in: calendarZone) > range.lowerBound
            && event.start.instant(in: calendarZone) < range.upperBound
    }
}

extension CalendarContents.Row {
    fileprivate var updatedKey: UInt64 { UInt64(max(0, event.updated.timeIntervalSince1970) * 1_000) }

    /// Whether it is of those that the list is about.
    func fits(_ parameters: CalendarParameters) -> Bool {
        if let uid = parameters["iCalUID"], uid != event.iCalUID { return false }
        let types = parameters.all("eventTypes")
        if !types.isEmpty, !types.contains(event["eventType"]?.text ?? "default") { return false }
        guard let words = parameters["q"]?.lowercased().split(separator: " ") else { return true }
        let text = ["summary", "description", "location"].compactMap { event[$0]?.text }.joined(separator: " ")
            .lowercased()
        return words.allSatisfy { text.contains($0) }
    }
}
