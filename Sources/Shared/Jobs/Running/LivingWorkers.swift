import Synchronization

/// How many workers live, as this one saw last. What all of them do, each does the more seldom, the more there are.
final class LivingWorkers: Sendable {
    private let seen = Mutex(1)

    var count: Int { seen.withLock { $0 } }

    func note(_ count: Int) { seen.withLock { $0 = max(1, count) } }

    /// A pause after which, over all workers, something happens about once in `duration`.
    func pause(_ duration: Duration) -> Duration { duration * count * Double.random(in: 0.75...1.25) }
}
