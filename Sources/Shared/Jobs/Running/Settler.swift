import Domain
import Logging
import Metrics
import Postgres
import Redis

/// Ends attempts: result, state and the handler's own rows in one fenced transaction, then the signals.
struct Settler: Sendable {
    struct Plain: Sendable {
        var settling: Settling
        var worker: WorkerID
    }

    let store: JobStore
    let pool: PostgresPool
    let queue: JobQueue
    let signals: JobSignals
    let logger: Logger
    /// Attempts without rows of their own end together with whichever others end at the same moment.
    let plain: GroupCommit<Plain, JobState?>

    static func batching(_ store: JobStore) -> GroupCommit<Plain, JobState?> {
        GroupCommit(lanes: 2, maxBatch: 500, maxWaiting: 20_000) { batch in
            // One process has one worker id at a time, but for a moment after it was declared dead by mistake.
            var states = [JobState?](repeating: nil, count: batch.count)
            for (worker, places) in Dictionary(grouping: batch.indices, by: { batch[$0].worker }) {
                let part = try await store.settle(places.map { batch[$0].settling }, by: worker)
                for (place, state) in zip(places, part) { states[place] = state }
            }
            return states
        }
    }

    /// Writes the end of an attempt; tries for as long as the store is away and the attempt is not lost.
    /// - Returns: the job's state now. `nil`: the attempt was not the current one any more.
    func settle(
        _ job: ClaimedJob, _ settlement: Settlement, lastSequence: Int?, effects: Completion.Effects?,
        worker: WorkerID, isLost: @Sendable () -> Bool
    ) async -> JobState? {
        let settling = Settling(job: job.id, attempt: job.attempt, settlement: settlement, lastSequence: lastSequence)
        var pause = Duration.milliseconds(50)
        var mayBeDone = false
        while !isLost() {
            do {
                let state = try await write(settling, job, effects, worker)
                // Refused after a try whose outcome is unknown: that one may have been it, and nobody was told.
                if state != nil || mayBeDone { await announce(job, state) }
                return state
            } catch {
                mayBeDone = mayBeDone || (error as? PostgresError)?.isOutcomeUnknown == true
                Counter(label: "errand_settle_errors_total").increment()
                logger.error("settle failed", metadata: ["job": "\(job.id)", "error": "\(error)"])
                if let refused = error as? PostgresError, refused.isRefusal {
                    return await settleAsFailed(job, lastSequence, worker)
                }
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
        return nil
    }

    private func write(
        _ settling: Settling, _ job: ClaimedJob, _ effects: Completion.Effects?, _ worker: WorkerID
    ) async throws -> JobState? {
        guard let effects else { return try await plain.submit(Plain(settling: settling, worker: worker)) }
        do {
            return try await pool.transaction(settings: JobStore.acting(for: job.tenant)) { transaction in
                guard let state = try await store.settle(settling, by: worker, in: transaction) else {
                    throw AttemptLost()
                }
                try await effects(transaction)
                return state
            }
        } catch is AttemptLost {
            return nil
        }
    }

    /// The store will never take this result: say so in the row rather than run the job again and again.
    private func settleAsFailed(_ job: ClaimedJob, _ lastSequence: Int?, _ worker: WorkerID) async -> JobState? {
        let failure = Failure(.permanent, code: "result_refused", message: "The database refused the job's result.")
        let settling = Settling(
            job: job.id, attempt: job.attempt, settlement: Settlement(state: .failed, failure: failure),
            lastSequence: lastSequence)
        do {
            let state = try await plain.submit(Plain(settling: settling, worker: worker))
            if state != nil { await announce(job, state) }
            return state
        } catch {
            logger.critical("job cannot be settled", metadata: ["job": "\(job.id)", "error": "\(error)"])
            return nil
        }
    }

    /// After the commit: wake the readers, and hand over what may run now. Whatever is lost here, the reconciler finds.
    private func announce(_ job: ClaimedJob, _ state: JobState?) async {
        do {
            var ready: [QueuedJob] = []
            if state == .queued { ready.append(QueuedJob(id: job.id, queue: job.queue)) }
            if let key = job.orderingKey { ready += try await store.nextInOrder(after: [(job.tenant, key)]) }
            if !ready.isEmpty { try await queue.push(ready) }
            try await signals.stateChanged([job.id])
        } catch {
            logger.warning("signal lost", metadata: ["job": "\(job.id)", "error": "\(error)"])
        }
    }
}

extension PostgresError {
    /// The store understood the statement and will refuse it again: data it cannot hold, or a broken constraint.
    fileprivate var isRefusal: Bool {
        guard case .server(let state, _, _, _) = self else { return false }
        return state.description.hasPrefix("22") || state.description.hasPrefix("23")
    }
}
