/// The instants of one rule, ascending, in seconds since 1970-01-01 00:00 UTC. An instant may come twice: times that a
/// gap left out fall on those after it.
struct RecurrenceInstants {
    private var walk: RecurrenceWalk
    private let zone: ZoneOffsets
    /// UNTIL. `nil`: none, or one that bounds the walk.
    private let last: Int?
    /// Descending.
    private var made: [Int] = []
    /// A local time that the walk has given too early.
    private var ahead: Int?

    init(_ walk: RecurrenceWalk, zone: ZoneOffsets, last: Int?) {
        self.walk = walk
        self.zone = zone
        self.last = last
    }

    /// `nil`: there are no more, or the budget is spent.
    mutating func next(_ steps: inout StepBudget) -> Int? {
        if made.isEmpty { make(&steps) }
        guard let instant = made.popLast(), instant <= last ?? .max else { return nil }
        return instant
    }

    private mutating func make(_ steps: inout StepBudget) {
        guard let first = ahead ?? walk.next(&steps) else { return }
        ahead = nil
        made = [zone.instant(ofLocal: first)]
        guard let gap = zone.gap(holding: first) else { return }
        // As long as the gap was, what it left out falls among what comes after it.
        while let local = walk.next(&steps) {
            guard local < gap.upperBound + gap.count else {
                ahead = local
                break
            }
            made.append(zone.instant(ofLocal: local))
        }
        made.sort(by: >)
    }
}
