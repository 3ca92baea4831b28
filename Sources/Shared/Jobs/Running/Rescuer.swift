package import Domain
package import Logging
import Metrics

/// Brings jobs back that nobody would run any more: those of dead workers, those whose time has come or gone, and
/// batches that nobody finished. Any number of processes may do this at once.
package struct Rescuer: Sendable {
    let store: JobStore
    let registry: WorkerRegistry
    let queue: JobQueue
    let announcer: Announcer
    let settings: SettingsWatch
    /// How many workers a job may take down before it is failed.
    let quarantineAfter: Int
    let logger: Logger

    package init(
        store: JobStore, registry: WorkerRegistry, queue: JobQueue, announcer: Announcer, settings: SettingsWatch,
        quarantineAfter: Int = 3, logger: Logger
    ) {
        self.store = store
        self.registry = registry
        self.queue = queue
        self.announcer = announcer
        self.settings = settings
        self.quarantineAfter = quarantineAfter
        self.logger = logger
    }

    /// Jobs moved by one statement.
    static let batch = 500

    /// Declares a worker dead, unless it has spoken since, and brings its jobs back.
    package func bury(_ peer: WorkerRegistry.Peer) async throws {
        guard try await registry.bury(peer) else { return }
        logger.warning("worker is dead", metadata: ["worker": "\(peer.id)"])
        Counter(label: "errand_workers_buried_total").increment()
        try await rescue()
        try await returnTaken()
    }

    /// Gives back what buried workers had taken and not claimed. Apart from the burial, because whoever buries may die,
    /// too.
    package func returnTaken() async throws {
        for dead in try await registry.unreturned() {
            for name in dead.queues { _ = try await queue.giveBack(queue: name, by: dead.id) }
            try await registry.noteReturned(dead.id)
        }
    }

    /// Takes running jobs from workers that are registered no longer.
    package func rescue() async throws {
        let rescued = try await store.rescue(quarantineAfter: quarantineAfter)
        guard !rescued.isEmpty else { return }
        for (name, jobs) in Dictionary(grouping: rescued, by: \.job.queue) {
            Counter(label: "errand_jobs_rescued_total", dimensions: [("queue", name.rawValue)])
                .increment(by: jobs.count)
        }
        let failed = rescued.count { $0.state == .failed }
        logger.warning("jobs rescued", metadata: ["count": "\(rescued.count)", "quarantined": "\(failed)"])
        await announcer.announce(rescued, settings: settings.now)
    }

    /// Queues jobs again that a worker holds and does not run; the start is not counted.
    package func giveBack(_ strays: Set<JobStore.Held>, of worker: WorkerID) async throws {
        guard !strays.isEmpty else { return }
        logger.warning("jobs claimed but not started", metadata: ["count": "\(strays.count)"])
        let back = Settlement(state: .queued, refundsAttempt: true)
        let list = Array(strays)
        let settled = try await store.settle(
            list.map { Settling(job: $0.id, attempt: $0.attempt, settlement: back, lastSequence: nil) }, by: worker)
        let moved = zip(list, settled).compactMap { held, state in
            state.map { JobTransition(job: QueuedJob(id: held.id, list: held.list), state: $0) }
        }
        await announcer.announce(moved, settings: settings.now)
    }

    /// Queues scheduled jobs that are due.
    package func promote() async throws {
        while true {
            let due = try await store.promote(limit: Self.batch)
            if !due.isEmpty { try await queue.push(due) }
            if due.count < Self.batch { return }
        }
    }

    /// Fails jobs whose time is over.
    package func expire() async throws {
        while true {
            let late = try await store.expire(limit: Self.batch)
            await announcer.announce(late, settings: settings.now)
            if late.count < Self.batch { return }
        }
    }

    /// Finishes batches whose last job ended in a process that died right afterwards.
    package func finishBatches() async throws {
        let abandoned = try await store.abandonedBatches(limit: Self.batch)
        let callbacks = try await store.finishBatches(abandoned)
        await announcer.announce([], made: callbacks, settings: settings.now)
    }
}
