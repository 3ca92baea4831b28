package import FoundationEssentials

/// Ticks that have come, and that one firing answers.
package struct DueTick: Sendable, Equatable {
    /// The latest tick that has come.
    package var fire: Date
    /// How many ticks before `fire` nobody fired. Exact below `ScheduleRule.maxCountedMisses`; that value means as many
    /// or more.
    package var missed: Int
    /// The first tick after now.
    package var next: Date

    package init(fire: Date, missed: Int, next: Date) {
        self.fire = fire
        self.missed = missed
        self.next = next
    }
}

extension ScheduleRule {
    /// Counting stops here, so that a year of missed minutes costs no more than a day of them.
    package static let maxCountedMisses = 1000

    /// What is to be fired now: missed ticks become one. The work is bounded: some 40 steps to find the latest tick,
    /// however long nobody looked, and `maxCountedMisses` steps to count.
    /// - Parameter lastFired: The tick fired last; for a new schedule the time of its creation. `nil`: unknown, so
    ///   nothing is due, and the caller keeps `now` as the first one.
    /// - Returns: `nil` when no tick lies after `lastFired` up to and including `now`.
    package func due(lastFired: Date?, now: Date) -> DueTick? {
        guard let lastFired, let last = EpochSeconds.seconds(lastFired), let now = EpochSeconds.seconds(now) else {
            return nil
        }
        let first = nextFiring(after: last)
        guard first <= now else { return nil }
        let latest = latestTick(from: first, through: now)
        return DueTick(
            fire: EpochSeconds.date(latest), missed: ticks(from: first, before: latest),
            next: EpochSeconds.date(nextFiring(after: latest)))
    }

    /// The last tick that is not after `now`, by bisection: the next tick grows with the instant one asks for.
    private func latestTick(from first: Int, through now: Int) -> Int {
        var latest = first
        var end = now
        while latest < end {
            let middle = latest + (end - latest) / 2
            let tick = nextFiring(after: middle)
            if tick <= now { latest = tick } else { end = middle }
        }
        return latest
    }

    private func ticks(from first: Int, before latest: Int) -> Int {
        var count = 0
        var tick = first
        while tick < latest, count < Self.maxCountedMisses {
            count += 1
            tick = nextFiring(after: tick)
        }
        return count
    }
}
