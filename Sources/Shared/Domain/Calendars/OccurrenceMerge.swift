import FoundationEssentials

/// What single events and series have in a range, as one ascending row that is only made as far as it is asked for.
struct OccurrenceMerge {
    private let singles: [CalendarExpansion.Single]
    private let series: [CalendarExpansion.Series]
    private let zone: ZoneOffsets
    /// Of each series. `nil`: there was nothing left that it could have cost.
    private var cursors: [SeriesCursor?] = []
    /// A heap: each is not later than those at twice its place plus one and plus two.
    private var heads: [Head] = []
    private var isComplete = true
    private var stepsLeft = CalendarExpansion.maxSteps

    private struct Head {
        var instant: Date
        /// Of a series: as the series has it.
        var seconds: Int
        /// The series and their cursors from 0 on; single events from -1 backwards.
        var source: Int
    }

    init(_ expansion: CalendarExpansion, in range: Range<Date>, zone: ZoneOffsets) {
        singles = expansion.singles
        series = expansion.series
        var clocks = RememberedZones(range)
        let zone = clocks.zone(zone)
        self.zone = zone
        for (index, single) in singles.enumerated() {
            let interval = single.times.interval(in: zone)
            guard interval.takesPlace(in: range) else { continue }
            heads.append(Head(instant: interval.lowerBound, seconds: 0, source: -1 - index))
        }
        cursors.reserveCapacity(series.count)
        for (index, series) in series.enumerated() {
            begin(series, in: range, &clocks)
            advance(index).map { heads.append($0) }
        }
        for place in stride(from: heads.count / 2 - 1, through: 0, by: -1) { sift(place) }
    }

    /// - Returns: As `CalendarExpansion.occurrences`.
    mutating func first(_ limit: Int) -> (found: [EventOccurrence], isComplete: Bool) {
        var found: [(instant: Date, occurrence: EventOccurrence)] = []
        while let head = heads.first, found.count < limit || found.last?.instant == head.instant {
            found.append((head.instant, occurrence(head)))
            replaceFirst(with: head.source < 0 ? nil : advance(head.source))
        }
        let isAll = heads.isEmpty && found.count <= max(0, limit)
        found.sort { ($0.instant, $0.occurrence.id) < ($1.instant, $1.occurrence.id) }
        return (found.prefix(max(0, limit)).map(\.occurrence), isComplete && isAll)
    }

    private func occurrence(_ head: Head) -> EventOccurrence {
        guard head.source < 0 else { return series[head.source].occurrence(at: head.seconds) }
        let single = singles[-1 - head.source]
        let (start, end) = single.times.moments(of: single.event)
        return EventOccurrence(
            id: single.event.id, event: single.event, start: start, end: end, original: single.event.original,
            isRecurring: single.isRecurring)
    }

    private mutating func begin(
        _ series: CalendarExpansion.Series, in range: Range<Date>, _ clocks: inout RememberedZones
    ) {
        let cursor = stepsLeft > 0 ? SeriesCursor(series, in: range, zone: zone) { clocks.zone($0) } : nil
        stepsLeft -= cursor?.stepsTaken ?? 0
        cursors.append(cursor)
    }

    private mutating func advance(_ index: Int) -> Head? {
        guard stepsLeft > 0, let before = cursors[index]?.stepsTaken else {
            isComplete = false
            return nil
        }
        let next = cursors[index]?.next()
        stepsLeft -= (cursors[index]?.stepsTaken ?? before) - before
        if cursors[index]?.isExhausted == true { isComplete = false }
        return next.map { Head(instant: $0.instant, seconds: $0.seconds, source: index) }
    }

    private mutating func replaceFirst(with head: Head?) {
        if let head {
            heads[0] = head
        } else {
            let last = heads.removeLast()
            guard !heads.isEmpty else { return }
            heads[0] = last
        }
        sift(0)
    }

    private mutating func sift(_ place: Int) {
        var place = place
        while true {
            let left = 2 * place + 1
            guard left < heads.count else { return }
            let right = left + 1
            let least = right < heads.count && heads[right].instant < heads[left].instant ? right : left
            guard heads[least].instant < heads[place].instant else { return }
            heads.swapAt(least, place)
            place = least
        }
    }
}

/// Zones that remember the time around a range, each looked up once.
private struct RememberedZones {
    private let range: Range<Int>
    private var zones: [String: ZoneOffsets] = [:]

    /// Local times are looked up in the days next to theirs too.
    init(_ range: Range<Date>) {
        let lower = EpochSeconds.seconds(roundingUp: range.lowerBound) - 3 * 86_400
        self.range = lower..<EpochSeconds.seconds(roundingUp: range.upperBound) + 3 * 86_400
    }

    mutating func zone(_ zone: ZoneOffsets) -> ZoneOffsets {
        if let zone = zones[zone.name] { return zone }
        let remembered = zone.remembering(range)
        zones[zone.name] = remembered
        return remembered
    }
}
