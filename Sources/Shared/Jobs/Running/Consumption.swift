package import Domain
import Synchronization

/// Whether this process can take jobs: when each of its queues was last asked successfully. That is what makes a worker
/// ready; a store that answers a ping says less.
package final class Consumption: Sendable {
    private let last: Mutex<[QueueName: ContinuousClock.Instant]>
    private let full = Mutex<Set<QueueName>>([])

    package init(_ queues: [QueueName]) {
        let longAgo = ContinuousClock.now - .seconds(3600)
        last = Mutex(Dictionary(uniqueKeysWithValues: queues.map { ($0, longAgo) }))
    }

    /// Every slot is taken, so nothing can be asked for: that is work, and not a stall.
    func isFull(_ queue: QueueName) { full.withLock { _ = $0.insert(queue) } }

    /// There is a slot again.
    func isFree(_ queue: QueueName) {
        note(queue)
        full.withLock { _ = $0.remove(queue) }
    }

    func note(_ queue: QueueName) {
        let now = ContinuousClock.now
        last.withLock { $0[queue] = now }
    }

    /// Queues that were not asked for so long. None: the worker is ready.
    package func stalled(for limit: Duration = .seconds(5), now: ContinuousClock.Instant = .now) -> [QueueName] {
        let late = last.withLock { $0.filter { now - $0.value > limit }.keys.sorted { $0.rawValue < $1.rawValue } }
        // A queue that is asked for in vain keeps the slots it has reserved from the others.
        return full.withLock { $0.isSuperset(of: late) } ? [] : late
    }
}
