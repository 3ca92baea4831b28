package import FoundationEssentials

/// When the owner of calendars is busy.
package enum BusyTime {
    /// What makes busy: not what is transparent, cancelled or declined by the owner, and not where somebody works.
    package static func isBusy(_ event: CalendarEvent) -> Bool {
        guard event.status != .cancelled, event.transparency != "transparent", event.type != "workingLocation" else {
            return false
        }
        return !(event.attendees ?? []).contains { $0.`self` == true && $0.responseStatus == "declined" }
    }

    /// When occurrences make busy in a range: ascending, apart from each other, none empty.
    /// - Parameter zone: Whose days are meant by whole days.
    package static func intervals(
        of occurrences: [EventOccurrence], within range: Range<Date>, zone: ZoneOffsets
    ) -> [Range<Date>] {
        let intervals = occurrences.filter { isBusy($0.event) }.map { $0.interval(in: zone).clamped(to: range) }
        var merged: [Range<Date>] = []
        for interval in intervals.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = merged.last, interval.lowerBound <= last.upperBound else {
                merged.append(interval)
                continue
            }
            merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, interval.upperBound)
        }
        return merged
    }

    /// What `intervals` left of the range: ascending, apart from each other, none empty.
    package static func free(within range: Range<Date>, busy: [Range<Date>]) -> [Range<Date>] {
        var free: [Range<Date>] = []
        var lower = range.lowerBound
        for interval in busy where interval.upperBound > lower {
            if interval.lowerBound > lower { free.append(lower..<min(interval.lowerBound, range.upperBound)) }
            lower = min(interval.upperBound, range.upperBound)
            guard lower < range.upperBound else { break }
        }
        if lower < range.upperBound { free.append(lower..<range.upperBound) }
        return free
    }
}
