/// How many requests may be worked on at once: a pure controller. Little's law makes it the bound on how long a request
/// that is let in takes: what is more waits outside, where waiting costs nothing.
///
/// Additive increase, multiplicative decrease: while the signs are good it grows to its ceiling; a tick with bad ones
/// takes a fifth of what is really in use. Never so much that less than half a second's work is left: requests that are
/// slow then are so for another reason, and fewer of them would only be fewer.
struct AdmissionLimit: Sendable, Equatable {
    /// What one tick saw.
    struct Signs: Sendable, Equatable {
        /// How late the tick itself ran: everything that wants to run waits as long.
        var delay: Duration
        /// Callers that wait for a database connection.
        var databaseWaiters: Int
        /// Requests that ended in this tick, and how many of them took longer than `slow`.
        var ended: Int
        var slow: Int
        /// Requests that ended in the last second.
        var endedInSecond: Int
        /// Requests that are worked on.
        var open: Int
    }

    static let tick = Duration.milliseconds(100)
    /// A delay above it is no chance: event loops with thousands of sockets to look at take up to half of it.
    static let maxDelay = Duration.milliseconds(500)
    /// A request that takes longer is slow. This, times the rate at which requests are done, is about how many are
    /// worked on at once; others wait in the `WaitingRoom`.
    static let slow = Duration.milliseconds(250)
    /// Never fewer: so few are not what makes a machine slow, and something has to show when things are better.
    static let floor = 64.0

    let ceiling: Double
    private(set) var value: Double

    init(ceiling: Int) {
        self.ceiling = max(Self.floor, Double(ceiling))
        value = self.ceiling
    }

    func admits(open: Int) -> Bool { Double(open) < value }

    mutating func see(_ signs: Signs) {
        if Self.isBad(signs) {
            let reduced = max(min(value, Double(signs.open)) * 0.8, Double(signs.endedInSecond) / 2)
            value = min(ceiling, max(Self.floor, reduced))
        } else {
            value = min(ceiling, value + max(1, ceiling / 100))
        }
    }

    private static func isBad(_ signs: Signs) -> Bool {
        if signs.delay > maxDelay { return true }
        if signs.databaseWaiters > 1_000 { return true }
        // Single slow ones have reasons of their own; a tenth of all, when there are some, has one in common.
        return signs.slow >= 3 && signs.slow * 10 >= signs.ended
    }
}
