package import FoundationEssentials

/// Cron on the clocks people live by, which are set forwards and back. The rules are those of Debian's cron(8)
/// (https://manpages.debian.org/bookworm/cron/cron.8.en.html), applied to instants instead of to a running daemon.
///
/// - An expression with `*` in its minute or hour field (also `*/2`) follows the clock: it fires whenever the clock
///   shows a time that matches, in both passes of a repeated hour, and never for a time that the clock does not show.
///   One of every hour or every few minutes so keeps its distance in real time.
/// - Any other expression means a time of day. If that time is skipped, it fires at the first instant after the gap,
///   once however many of its times the gap held. If that time is repeated, it fires in the first pass only.
/// - Changes of more than three hours are corrections of the calendar (Samoa left out 30 December 2011): the new time
///   counts at once, for every expression.
extension CronExpression {
    /// The first firing strictly after an instant. `Date.distantFuture` (the year 4001) when there is none before it.
    package func nextFiring(after date: Date, in zone: ZoneOffsets) -> Date {
        guard let after = EpochSeconds.seconds(date) else { return .distantFuture }
        return EpochSeconds.date(nextFiring(after: after, in: zone))
    }

    /// Instants in seconds since 1970-01-01 00:00 UTC. `Int.max` when there is none before the year 4001.
    func nextFiring(after: Int, in zone: ZoneOffsets) -> Int {
        var start = after + 1
        if let change = zone.change(after: start - Self.maxShiftSeconds, through: start) {
            if change.at == start, hasSkipped(change) { return start }
            start = max(start, endOfRepetition(change))
        }
        while start < EpochSeconds.end {
            let end = start + Self.windowSeconds
            let offset = zone.secondsFromGMT(start)
            let change = zone.change(after: start, through: end)
            if let wall = firstMatch(atOrAfter: start + offset), wall - offset < change?.at ?? end {
                return wall - offset
            }
            if let change {
                if hasSkipped(change) { return change.at }
                start = max(change.at, endOfRepetition(change))
            } else {
                start = max(end, quietUntil(from: start, offset: offset))
            }
        }
        return .max
    }

    /// Clock changes up to this size are summer time and the like; larger ones are corrections.
    private static let maxShiftSeconds = 3 * 3600

    /// Holds one change of a zone at most.
    private static let windowSeconds = 24 * 3600

    /// The most by which two offsets of one zone differ.
    private static let maxSpreadSeconds = 48 * 3600

    private var followsTheClock: Bool { minute.isStarred || hour.isStarred }

    /// Whether a change left out a time at which this expression has to fire.
    private func hasSkipped(_ change: ZoneOffsets.Change) -> Bool {
        let skipped = change.to - change.from
        guard !followsTheClock, (1...Self.maxShiftSeconds).contains(skipped) else { return false }
        guard let wall = firstMatch(atOrAfter: change.at + change.from) else { return false }
        return wall < change.at + change.to
    }

    /// When the clock again shows what it has not shown before the change. At the change itself where it always does,
    /// or where that does not matter.
    private func endOfRepetition(_ change: ZoneOffsets.Change) -> Int {
        let repeated = change.from - change.to
        guard !followsTheClock, (1...Self.maxShiftSeconds).contains(repeated) else { return change.at }
        return change.at + repeated
    }

    /// An instant before which nothing fires, whatever the clock does: from the smallest to the largest time it may
    /// show until then, no time matches. This is what makes rare expressions cheap.
    private func quietUntil(from start: Int, offset: Int) -> Int {
        let wall = firstMatch(atOrAfter: start + offset - Self.maxSpreadSeconds) ?? .max / 2
        return wall - offset - Self.maxSpreadSeconds
    }
}
