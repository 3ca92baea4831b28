import NIOCore

/// Requests that have come whole while as many were worked on as may be: first come, first served, each for a short
/// time. Refusing them at once would cost half as much as doing them, and clients that come again at once would cost it
/// again: a place is often free before they would have.
struct WaitingRoom {
    struct Waiter: Sendable {
        var bytes: Int
        /// Whether it takes a place when its turn comes.
        var takesPlace: Bool
        var until: ContinuousClock.Instant
        /// True: its turn has come. False: it waited too long.
        var tell: @Sendable (Bool) -> Void
    }

    /// How long one waits.
    static let patience = Duration.seconds(1)
    /// What all of them hold in memory at most.
    static let maxBytes = 32 << 20

    private var waiters = CircularBuffer<Waiter>()
    private(set) var bytes = 0

    var isEmpty: Bool { waiters.isEmpty }

    /// False: there is no room.
    mutating func enter(_ waiter: Waiter) -> Bool {
        guard bytes + waiter.bytes <= Self.maxBytes else { return false }
        waiters.append(waiter)
        bytes += waiter.bytes
        return true
    }

    /// The next one, if there is one.
    mutating func next() -> Waiter? {
        guard let waiter = waiters.popFirst() else { return nil }
        bytes -= waiter.bytes
        return waiter
    }

    /// All who have waited long enough.
    mutating func expire(at now: ContinuousClock.Instant) -> [Waiter] {
        var expired: [Waiter] = []
        while let first = waiters.first, first.until <= now, let waiter = next() { expired.append(waiter) }
        return expired
    }
}
