import Domain
import FoundationEssentials
import Postgres

/// Events as rows of `calendar_events`, column by column. Of several with one id the last one counts; one whose id is
/// none, or longer than the provider's may be, is left out.
struct EventRows: Sendable {
    /// An event of more belongs to those that every range is asked for: series, and what lasts.
    static let shortDays = 10
    /// The provider's are 1,024 at most, and those of occurrences have a suffix of up to 17:
    /// https://developers.google.com/workspace/calendar/api/v3/reference/events#id
    static let maxIDLength = 1_100

    private var ids: [String] = []
    private var events: [[UInt8]?] = []
    private var firsts: [Date?] = []
    private var lasts: [Date?] = []
    private var areLong: [Bool] = []
    private var areMasters: [Bool] = []
    private var lengths: [Int] = []
    private var series: [String?] = []
    private var originals: [Date?] = []
    private var areHoles: [Bool] = []

    var isEmpty: Bool { ids.isEmpty }

    init(_ page: [CalendarEvent], calendarZone: ZoneOffsets) {
        var last: [String: Int] = [:]
        for (index, event) in page.enumerated() { last[event.id] = index }
        let encoder = JSONEncoder()
        for (index, event) in page.enumerated() where last[event.id] == index {
            guard Self.isAcceptable(event.id), event.series.map(Self.isAcceptable) ?? true else { continue }
            append(event, calendarZone, encoder)
        }
    }

    private static func isAcceptable(_ id: String) -> Bool {
        !id.isEmpty && id.unicodeScalars.count <= maxIDLength && StoredText.accepts(id)
    }

    private mutating func append(_ event: CalendarEvent, _ zone: ZoneOffsets, _ encoder: JSONEncoder) {
        let isHole = event.status == .cancelled && event.series != nil
        let isTombstone = event.status == .cancelled && event.series == nil
        let json = isTombstone ? nil : (try? encoder.encode(event)).map { StoredJSON.withoutNUL([UInt8]($0)) }
        let isLive = json != nil && !isHole
        let span = isLive ? EventSpan(stored: event, calendarZone: zone) : nil
        ids.append(event.id)
        events.append(json)
        firsts.append(span?.first)
        lasts.append(span?.last)
        areLong.append(span.map(Self.isLong) ?? false)
        areMasters.append(isLive && event.isMaster)
        lengths.append(isLive && event.isMaster ? event.lengthSeconds : 0)
        series.append(json == nil ? nil : event.series)
        originals.append(json == nil || event.series == nil ? nil : event.originalInstant)
        areHoles.append(isHole && json != nil)
    }

    private static func isLong(_ span: EventSpan) -> Bool {
        guard let last = span.last else { return true }
        return last.timeIntervalSince(span.first) > Double(shortDays * 86_400)
    }

    /// In the order of `Calendars.write`'s parameters.
    var values: [PostgresValue] {
        [
            .texts(ids), .jsons(events), .timestamps(firsts), .timestamps(lasts), .bools(areLong), .bools(areMasters),
            .ints(lengths), .optionalTexts(series), .timestamps(originals), .bools(areHoles),
        ]
    }
}

extension EventSpan {
    /// A span that holds in whatever zone its calendar is put later: without a zone of its own, a series takes place by
    /// the calendar's clock, and one that is counted may end on another day there.
    init?(stored event: CalendarEvent, calendarZone: ZoneOffsets) {
        guard let span = event.span(calendarZone: calendarZone) else { return nil }
        self = span
        guard event.isMaster, case .time(_, zone: nil)? = event.start else { return }
        first = first.addingTimeInterval(-2 * 86_400)
        last = nil
    }
}

extension CalendarEvent {
    /// How long one occurrence lasts; days count as the longest there are.
    fileprivate var lengthSeconds: Int {
        let length: Double? =
            switch (start, end) {
            case (.time(let first, _)?, .time(let last, _)?): last.timeIntervalSince(first)
            case (.day(let first)?, .day(let last)?):
                RFC3339.date("\(last)T00:00:00Z").flatMap { last in
                    RFC3339.date("\(first)T00:00:00Z").map { last.timeIntervalSince($0) + 86_400 }
                }
            default: nil
            }
        return Int(min(max(length ?? 86_400, 0), 4e9))
    }
}

/// JSON on its way into a `jsonb` column.
enum StoredJSON {
    /// Without the one character that PostgreSQL's `jsonb` refuses:
    /// https://www.postgresql.org/docs/current/datatype-json.html
    static func withoutNUL(_ json: [UInt8]) -> [UInt8] {
        let nul = Array(#"\u0000"#.utf8)
        var kept: [UInt8] = []
        kept.reserveCapacity(json.count)
        var index = 0
        while index < json.count {
            guard json[index] == nul[0] else {
                kept.append(json[index])
                index += 1
                continue
            }
            if json[index...].starts(with: nul) {
                index += nul.count
            } else {
                // Both of `\\`, so that the second begins nothing.
                kept += json[index..<min(index + 2, json.count)]
                index += 2
            }
        }
        return kept
    }
}
