import Domain
import Logging
import Metrics
import Redis

/// Takes the jobs of one queue, as many as there are slots for, until its task is cancelled.
struct Taker: Sendable {
    let queueName: QueueName
    let worker: WorkerID
    let queue: JobQueue
    let store: JobStore
    let feeder: Feeder
    let settings: SettingsWatch
    let slots: Slots
    let blocking: RedisBlockingClient
    let consumption: Consumption
    let logger: Logger

    /// Ids claimed by one statement.
    static let maxBatch = 256
    /// The same where a limit may refuse most of them.
    static let maxLimitedBatch = 16
    /// How long one wait for a job may last, in seconds.
    static let waitSeconds = 1
    /// How long a queue or tenant at its limit is left alone unless one of its jobs ends before, in milliseconds.
    static let holdMilliseconds = 1000

    /// - Parameter start: gets the claimed jobs; the slots they hold are the receiver's to give back.
    func run(_ start: @Sendable ([ClaimedJob]) -> Void) async {
        var isClaimed = false
        while !Task.isCancelled {
            do {
                if settings.now.pausedQueues.contains(queueName) {
                    consumption.note(queueName)
                    try await Task.sleep(for: .milliseconds(100))
                    continue
                }
                try await takeOnce(&isClaimed, start)
                consumption.note(queueName)
            } catch is CancellationError {
                break
            } catch {
                // What was taken and not claimed is handed out again by the next take.
                isClaimed = false
                Counter(label: "errand_take_errors_total", dimensions: [("queue", queueName.rawValue)]).increment()
                logger.error("cannot take jobs", metadata: ["queue": "\(queueName)", "error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// - Parameter isClaimed: whether what was taken before needs nobody any more.
    private func takeOnce(_ isClaimed: inout Bool, _ start: @Sendable ([ClaimedJob]) -> Void) async throws {
        let settings = settings.now
        let isLimited = settings.limitedQueues.contains(queueName) || !settings.limitedTenants.isEmpty
        let reserved = try await reserve(upTo: isLimited ? Self.maxLimitedBatch : Self.maxBatch)
        var used = 0
        defer { slots.give(reserved - used) }
        let wasClaimed = isClaimed
        isClaimed = false
        let taken = try await queue.take(upTo: reserved, from: queueName, by: worker, claimed: wasClaimed)
        if taken.jobs.isEmpty {
            isClaimed = true
            // Waiting for a job must not keep slots from the other queues of this process.
            slots.give(reserved)
            used = reserved
            if taken.hungry.isEmpty {
                try await queue.awaitBell(queueName, seconds: Self.waitSeconds, on: blocking)
            }
        } else {
            // More than there are slots for when an earlier take is handed out again.
            let jobs = Array(taken.jobs.prefix(reserved))
            let claimed = try await claim(jobs)
            used = claimed.count
            start(claimed)
            try await sortOut(jobs, claimed)
            if taken.jobs.count > jobs.count {
                _ = try await queue.giveBack(Array(taken.jobs[jobs.count...]), queue: queueName, by: worker)
            }
            isClaimed = true
        }
        for list in taken.hungry { try await feeder.feed(list) }
    }

    /// - Returns: slots, between one and `most`.
    private func reserve(upTo most: Int) async throws -> Int {
        if let reserved = slots.tryTake(upTo: most) { return reserved }
        consumption.isFull(queueName)
        defer { consumption.isFree(queueName) }
        return try await slots.take(upTo: most)
    }

    private func claim(_ jobs: [QueuedJob]) async throws -> [ClaimedJob] {
        if settings.now.limits(queueName, jobs) {
            return try await store.claimLimited(jobs, queue: queueName, by: worker)
        }
        let claimed = try await store.claim(jobs.map(\.id), by: worker)
        if claimed.count == jobs.count { return claimed }
        let gone = Set(claimed.map(\.id))
        let keyed = try await store.withConcurrencyKey(jobs.filter { !gone.contains($0.id) })
        return try await claimed + store.claimLimited(keyed, queue: queueName, by: worker)
    }

    /// What was taken and could not be claimed goes where it belongs.
    private func sortOut(_ taken: [QueuedJob], _ claimed: [ClaimedJob]) async throws {
        guard claimed.count < taken.count else { return }
        let gone = Set(claimed.map(\.id))
        let left = taken.filter { !gone.contains($0.id) }
        let delays = try await store.delayed(left.map(\.id))
        let limited = left.filter { delays[$0.id] == .limit }
        guard !limited.isEmpty else { return }
        let settings = settings.now
        if settings.limitedQueues.contains(queueName) {
            try await hold(.queue, limited)
        } else {
            for (tenant, jobs) in Dictionary(grouping: limited, by: \.list.tenant) {
                if settings.limitedTenants.contains(tenant) {
                    try await hold(.tenant(tenant), jobs)
                } else {
                    _ = try await queue.giveBack(jobs, queue: queueName, by: worker)
                }
            }
        }
    }

    private func hold(_ whom: JobQueue.Hold, _ jobs: [QueuedJob]) async throws {
        _ = try await queue.giveBack(
            jobs, queue: queueName, by: worker, hold: (whom: whom, milliseconds: Self.holdMilliseconds))
    }
}
