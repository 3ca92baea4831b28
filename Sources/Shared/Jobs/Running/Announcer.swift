package import Domain

/// What follows a commit that moved jobs: hand over what may run now, and wake the readers. What cannot be handed over,
/// the reconciler finds; readers who cannot be woken now are woken later.
package struct Announcer: Sendable {
    let store: JobStore
    let queue: JobQueue
    let signals: JobSignals

    package init(store: JobStore, queue: JobQueue, signals: JobSignals) {
        self.store = store
        self.queue = queue
        self.signals = signals
    }

    /// Never throws: the rows are right whatever happens here.
    /// - Parameters:
    ///   - made: jobs that the same commit made.
    ///   - topics: what else it changed.
    package func announce(
        _ moved: [JobTransition], made: [Job] = [], topics: [Topic] = [], settings: EngineSettings
    ) async {
        guard !moved.isEmpty || !made.isEmpty else { return }
        let jobs = moved.map(\.job.id)
        let batches = Array(Set(moved.compactMap { $0.state.isTerminal ? $0.batch : nil }))
        await signals.announce(jobs, batches: batches, topics: topics, through: queue.fuse) {
            try await handOver(moved, made, batches)
            try await release(moved, settings)
        }
    }

    private func handOver(_ moved: [JobTransition], _ made: [Job], _ batches: [BatchID]) async throws {
        let back = moved.filter { $0.state == .queued }.map(\.job)
        if !back.isEmpty { try await queue.push(back, at: .front) }
        let ordered = moved.compactMap { move in
            move.orderingKey.map { (tenant: move.job.list.tenant, orderingKey: $0) }
        }
        let keyed = moved.compactMap { move in move.concurrencyKey.map { (tenant: move.job.list.tenant, key: $0) } }
        var ready = made.filter { $0.state == .queued }.map { QueuedJob($0) }
        ready += try await store.finishBatches(batches).filter { $0.state == .queued }.map { QueuedJob($0) }
        if !ready.isEmpty { try await queue.push(ready) }
        let next = try await store.nextInOrder(after: ordered) + store.nextOfKeys(keyed)
        if !next.isEmpty { try await queue.push(next, at: .front) }
    }

    /// Something that counted against a limit has ended: those who were held back may try again.
    private func release(_ moved: [JobTransition], _ settings: EngineSettings) async throws {
        guard !settings.limitedQueues.isEmpty || !settings.limitedTenants.isEmpty else { return }
        var holds: [QueueName: Set<JobQueue.Hold>] = [:]
        for move in moved {
            let list = move.job.list
            if settings.limitedQueues.contains(list.queue) { holds[list.queue, default: []].insert(.queue) }
            if settings.limitedTenants.contains(list.tenant) {
                holds[list.queue, default: []].insert(.tenant(list.tenant))
            }
        }
        for (name, holds) in holds { try await queue.release(holds, queue: name) }
    }
}
