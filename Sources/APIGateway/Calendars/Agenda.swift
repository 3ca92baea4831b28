import Domain
import FoundationEssentials
import Store

/// What takes place in several calendars, as one.
struct Agenda: Sendable {
    private let expansions: [(calendar: CalendarID, expansion: CalendarExpansion)]
    /// False: there were more events than are looked at for one answer.
    private let isWhole: Bool

    /// Short events that one answer is made of, and as many series and what belongs to them: each is read and decoded.
    static let maxEvents = 10_000

    struct Entry: Sendable {
        let calendar: CalendarID
        let occurrence: EventOccurrence
        /// Whole days are those of whoever asked.
        let interval: Range<Date>
    }

    /// - Parameter calendars: of one tenant.
    init(of calendars: [MirroredCalendar], in range: Range<Date>, tenant: TenantID, store: Calendars) async throws {
        let found = try await store.events(
            overlapping: range, of: calendars.map(\.id), tenant: tenant, limit: Self.maxEvents)
        let events = Dictionary(grouping: found.events, by: \.calendar)
        expansions = calendars.compactMap { calendar in
            events[calendar.id].map { stored in
                (calendar.id, CalendarExpansion(events: stored.map(\.event), calendarZone: calendar.zone))
            }
        }
        isWhole = found.isComplete
    }

    /// Ascending by start, then by id.
    /// - Returns: `isComplete` false: there are more. `certainUntil`: everything that starts before is among them.
    func entries(
        in range: Range<Date>, zone: ZoneOffsets, atMost limit: Int
    ) -> (entries: [Entry], isComplete: Bool, certainUntil: Date) {
        var (all, isComplete, certain) = ([Entry](), isWhole, isWhole ? range.upperBound : range.lowerBound)
        for (calendar, expansion) in expansions {
            let found = expansion.occurrences(in: range, zone: zone, atMost: limit)
            let entries = found.found.map {
                Entry(calendar: calendar, occurrence: $0, interval: $0.interval(in: zone))
            }
            all += entries
            if !found.isComplete {
                isComplete = false
                certain = min(certain, entries.last?.interval.lowerBound ?? range.lowerBound)
            }
        }
        all.sort { one, other in
            (one.interval.lowerBound, one.occurrence.id) < (other.interval.lowerBound, other.occurrence.id)
        }
        guard all.count > limit else { return (all, isComplete, certain) }
        return (Array(all[..<limit]), false, min(certain, all[limit].interval.lowerBound))
    }
}
