package import Domain
package import Logging
import Metrics

/// Keeps the ready lists in step with the table: fills up those that spilled, and finds what a list should hold and
/// does not, because a push failed or Redis lost its data.
package struct Feeder: Sendable {
    let store: JobStore
    let queue: JobQueue
    let logger: Logger

    package init(store: JobStore, queue: JobQueue, logger: Logger) {
        self.store = store
        self.queue = queue
        self.logger = logger
    }

    /// Lists looked at by one round.
    static let listsPerRound = 500
    /// Rows of a list that are compared with it when its head is missing.
    static let comparedRows = 500
    /// Rounds in one go while there are losses or more lists.
    static let roundsPerScan = 20

    /// Fills up a list from the table, behind what was fed before.
    /// - Returns: how many jobs were put in.
    @discardableResult
    package func feed(_ list: ReadyList, fromStart: Bool = false) async throws -> Int {
        var feeding = try await queue.feeding(of: list)
        if fromStart { feeding.position = 0 }
        let rows = try await store.rest(of: list, after: feeding.position, limit: JobQueue.feedBelow)
        return try await queue.feed(rows, to: list, feeding, isComplete: rows.count < JobQueue.feedBelow)
    }

    /// Where the comparing of a queue's lists stands.
    package struct Round: Sendable {
        /// The last list that was looked at; `nil` at the start of a round.
        package internal(set) var last: ReadyList?
        /// Heads that were missing when they were looked at last: a job that is just being claimed is in no list,
        /// either.
        var suspects: Set<QueuedJob> = []

        package init() {}
    }

    /// Compares the head of every list of a queue with the table. What is missing twice in a row is put back.
    package func scan(_ name: QueueName, _ round: inout Round, graceMilliseconds: Int) async throws {
        var missing = Set<QueuedJob>()
        var seen = Set<ReadyList>()
        for _ in 0..<Self.roundsPerScan {
            try Task.checkCancellation()
            let heads = try await store.heads(
                queue: name, after: round.last, graceMilliseconds: graceMilliseconds, limit: Self.listsPerRound)
            let jobs = heads.compactMap { head in head.head.map { QueuedJob(id: $0, list: head.list) } }
            let lists = Set(try await queue.missing(jobs, queue: name))
            seen.formUnion(heads.map(\.list))
            missing.formUnion(jobs.filter { lists.contains($0.list) })
            round.last = heads.count < Self.listsPerRound ? nil : heads.last?.list
            if round.last == nil { break }
        }
        for job in missing.intersection(round.suspects) { try await restore(job.list, graceMilliseconds) }
        // Lists that this call did not come to keep their suspects, unless there are far too many.
        let others = round.suspects.filter { !seen.contains($0.list) }.prefix(Self.listsPerRound * Self.roundsPerScan)
        round.suspects = missing.union(others)
    }

    private func restore(_ list: ReadyList, _ graceMilliseconds: Int) async throws {
        let rows = try await store.overdue(list, graceMilliseconds: graceMilliseconds, limit: Self.comparedRows)
        let held = Set(try await queue.next(of: list, limit: 2 * Self.comparedRows))
        // A job may have been claimed since its row was read: look at the row once more.
        let missing = try await store.stillQueued(rows.filter { !held.contains($0) })
        guard !missing.isEmpty else { return }
        Counter(label: "errand_jobs_restored_total", dimensions: [("queue", list.queue.rawValue)])
            .increment(by: missing.count)
        logger.warning(
            "queued jobs were in no list", metadata: ["queue": "\(list.queue)", "count": "\(missing.count)"])
        try await queue.push(missing.map { QueuedJob(id: $0, list: list) }, at: .front)
        if missing.count == Self.comparedRows { try await feed(list, fromStart: true) }
    }
}
