package import Domain
package import Logging
import Metrics

/// Brings jobs back that nobody would run any more: those of dead workers, those whose time has come, and those that
/// Redis lost. Any number of processes may do this at once.
package struct Rescuer: Sendable {
    let store: JobStore
    let registry: WorkerRegistry
    let queue: JobQueue
    let signals: JobSignals
    let logger: Logger

    package init(
        store: JobStore, registry: WorkerRegistry, queue: JobQueue, signals: JobSignals, logger: Logger
    ) {
        self.store = store
        self.registry = registry
        self.queue = queue
        self.signals = signals
        self.logger = logger
    }

    /// Jobs promoted by one statement.
    static let promoteBatch = 500
    /// Rows compared with Redis at once.
    static let scanPage = 1000
    /// Pages a scan reads in one go while Redis turns out to hold everything.
    static let quietPages = 20

    /// Declares a worker dead, unless it has spoken since, and brings its jobs back.
    package func bury(_ peer: WorkerRegistry.Peer) async throws {
        guard try await registry.bury(peer) else { return }
        logger.warning("worker is dead", metadata: ["worker": "\(peer.id)"])
        Counter(label: "errand_workers_buried_total").increment()
        try await rescue()
        for name in peer.queues { _ = try await queue.giveBack(queue: name, by: peer.id) }
    }

    /// Takes running jobs from workers that are registered no longer.
    package func rescue() async throws {
        let rescued = try await store.rescue()
        guard !rescued.isEmpty else { return }
        Counter(label: "errand_jobs_rescued_total").increment(by: rescued.count)
        logger.warning("jobs rescued", metadata: ["count": "\(rescued.count)"])
        let ended = rescued.filter(\.state.isTerminal).compactMap { job in
            job.orderingKey.map { (tenant: job.tenant, orderingKey: $0) }
        }
        let ready = rescued.filter { $0.state == .queued }.map { QueuedJob(id: $0.id, queue: $0.queue) }
        try await queue.push(ready + store.nextInOrder(after: ended))
        try await signals.stateChanged(rescued.map(\.id))
    }

    /// Queues jobs again that a worker holds and does not run; the start is not counted.
    package func giveBack(_ strays: Set<JobStore.Held>, of worker: WorkerID) async throws {
        guard !strays.isEmpty else { return }
        Counter(label: "errand_jobs_rescued_total").increment(by: strays.count)
        logger.warning("jobs claimed but not started", metadata: ["count": "\(strays.count)"])
        let back = Settlement(state: .queued, refundsAttempt: true)
        let list = Array(strays)
        let settled = try await store.settle(
            list.map { Settling(job: $0.id, attempt: $0.attempt, settlement: back, lastSequence: nil) }, by: worker)
        let ready = zip(list, settled).filter { $0.1 == .queued }.map { QueuedJob(id: $0.0.id, queue: $0.0.queue) }
        try await queue.push(ready)
    }

    /// Queues scheduled jobs that are due.
    package func promote() async throws {
        while true {
            let due = try await store.promote(limit: Self.promoteBatch)
            if !due.isEmpty { try await queue.push(due) }
            if due.count < Self.promoteBatch { return }
        }
    }

    /// Compares a queue's rows with its Redis lists and pushes what is in none: a push that failed, or a Redis that
    /// lost
    /// its data. Goes on where it stopped; as long as it finds losses it does not stop at all.
    /// - Parameter position: the `seq` to go on after; 0 at the start of a round.
    package func scan(_ name: QueueName, from position: inout Int, graceMilliseconds: Int) async throws {
        var pagesLeft = Self.quietPages
        while pagesLeft > 0 {
            try Task.checkCancellation()
            let page = try await store.overdue(
                queue: name, after: position, graceMilliseconds: graceMilliseconds, limit: Self.scanPage)
            // A job may have been claimed since its row was read, and its id acknowledged: look at the row once more.
            let missing = try await store.stillQueued(queue.missing(page.map(\.id), queue: name))
            if missing.isEmpty { pagesLeft -= 1 } else { try await restore(missing, name) }
            guard page.count == Self.scanPage, let last = page.last else {
                position = 0
                return
            }
            position = last.seq
        }
    }

    private func restore(_ missing: [JobID], _ name: QueueName) async throws {
        Counter(label: "errand_jobs_restored_total", dimensions: [("queue", name.rawValue)]).increment(
            by: missing.count)
        logger.warning("queued jobs were in no list", metadata: ["queue": "\(name)", "count": "\(missing.count)"])
        try await queue.push(missing.map { QueuedJob(id: $0, queue: name) })
    }
}
