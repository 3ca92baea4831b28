package import FoundationEssentials

/// The events of one calendar, as what takes place when. Nothing is computed ahead of a question.
///
/// - A rule runs on its master's own clock. Whole days are those of whoever asks: they have no zone.
/// - Exceptions stand for the occurrence whose start they name, wherever they were moved, and holes remove it. One whose
///   master is not here is an event like any other, and so is a master whose rule cannot be read.
/// - An event that began before a range and still goes on is in it. One that takes no time is in the range that it starts
///   in.
package struct CalendarExpansion: Sendable {
    let singles: [Single]
    let series: [Series]

    /// What takes place once.
    struct Single: Sendable {
        let event: CalendarEvent
        let times: EventTimes
        let isRecurring: Bool
    }

    /// The most that one question costs all series together, in steps of `RecurrenceLimit`. A weekly series takes some
    /// fifty for a year.
    static let maxSteps = 10 * RecurrenceLimit.maxSteps

    /// - Parameters:
    ///   - events: Masters, single events, exceptions and holes, in any order. Other cancelled ones are passed over.
    ///   - calendarZone: Of masters that have none.
    package init(events: [CalendarEvent], calendarZone: ZoneOffsets) {
        let masters = Dictionary(
            events.filter { $0.isMaster && $0.status != .cancelled }.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        var zones = ZoneBook(calendarZone: calendarZone)
        var replaced: [String: [EventMoment]] = [:]
        var singles: [Single] = []
        for event in events where masters[event.id] == nil {
            let isOfSeries = event.series.map { masters[$0] != nil } ?? false
            // One that says nothing of when it takes place does not take another's place.
            let isInstead = event.status == .cancelled || event.times != nil
            if isInstead, let series = event.series, let original = event.original {
                replaced[series, default: []].append(original)
            }
            guard event.status != .cancelled, let times = event.times else { continue }
            singles.append(Single(event: event, times: times, isRecurring: isOfSeries))
        }
        var series: [Series] = []
        for master in masters.values {
            guard let times = master.times else { continue }
            series.append(
                Series(master, times, zone: zones.zone(of: master), replaced: replaced[master.id] ?? []))
        }
        self.singles = singles
        self.series = series
    }

    /// Those that take place in `range`, or in part of it; ascending by start, then id.
    /// - Parameters:
    ///   - zone: Whose days are meant by whole days.
    ///   - limit: The most to find.
    /// - Returns: `isComplete` false: there are more of them, or a series was too costly to follow.
    package func occurrences(
        in range: Range<Date>, zone: ZoneOffsets, atMost limit: Int
    ) -> (found: [EventOccurrence], isComplete: Bool) {
        guard !range.isEmpty else { return ([], true) }
        var merge = OccurrenceMerge(self, in: range, zone: zone)
        return merge.first(limit)
    }
}
