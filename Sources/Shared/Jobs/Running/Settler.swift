import Domain
import Logging
import Metrics
import Postgres
import Redis

/// Ends attempts: result, state and the handler's own rows in one fenced transaction, then the signals.
struct Settler: Sendable {
    /// One attempt's end.
    struct Ending: Sendable {
        var job: ClaimedJob
        var settling: Settling
        var worker: WorkerID
        /// The quota that a provider said is used up.
        var gate: JobStore.GateClosing?
        /// What the handler left, if it ended by itself.
        var completion: Completion?

        var hasRows: Bool { completion?.effects != nil || completion?.followUps.isEmpty == false }
    }

    let store: JobStore
    let pool: PostgresPool
    let announcer: Announcer
    let settings: SettingsWatch
    let logger: Logger
    /// Attempts without rows of their own end together with whichever others end at the same moment.
    private let plain: GroupCommit<Ending, JobState?>

    init(store: JobStore, pool: PostgresPool, announcer: Announcer, settings: SettingsWatch, logger: Logger) {
        self.store = store
        self.pool = pool
        self.announcer = announcer
        self.settings = settings
        self.logger = logger
        plain = GroupCommit(lanes: 2, maxBatch: 500, maxWaiting: 20_000) { batch in
            let states = try await Self.settle(batch, store)
            await announcer.announce(Self.transitions(batch, states), settings: settings.now)
            return states
        }
    }

    /// One process has one worker id at a time, but for a moment after it was declared dead by mistake.
    private static func settle(_ batch: [Ending], _ store: JobStore) async throws -> [JobState?] {
        var states = [JobState?](repeating: nil, count: batch.count)
        for (worker, places) in Dictionary(grouping: batch.indices, by: { batch[$0].worker }) {
            let part = try await store.settle(places.map { batch[$0].settling }, by: worker)
            for (place, state) in zip(places, part) { states[place] = state }
        }
        return states
    }

    private static func transitions(_ batch: [Ending], _ states: [JobState?]) -> [JobTransition] {
        zip(batch, states).compactMap { ending, state in state.map { JobTransition(ending.job, $0) } }
    }

    /// Writes the end of an attempt; tries for as long as the store is away and the attempt is not lost.
    /// - Returns: the job's state now. `nil`: the attempt was not the current one any more.
    /// - Throws: what the handler's own rows threw: nothing is written.
    func settle(_ ending: Ending, isLost: @Sendable () -> Bool) async throws(Failure) -> JobState? {
        var pause = Duration.milliseconds(50)
        var mayBeDone = false
        while !isLost() {
            do {
                if let gate = ending.gate { try await store.close([gate]) }
                let state = try await write(ending)
                // Refused after a try whose outcome is unknown: that one may have been it, and nobody was told.
                if state == nil, mayBeDone { await announceUnknown(ending) }
                return state
            } catch let failure as Failure {
                throw failure
            } catch {
                mayBeDone = mayBeDone || (error as? PostgresError)?.isOutcomeUnknown == true
                Counter(label: "errand_settle_errors_total").increment()
                logger.error("settle failed", metadata: ["job": "\(ending.job.id)", "error": "\(error)"])
                if let refused = error as? PostgresError, refused.isRefusal { return await settleAsFailed(ending) }
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
        return nil
    }

    private func write(_ ending: Ending) async throws -> JobState? {
        guard ending.hasRows else { return try await plain.submit(ending) }
        let written = try await writeWithRows(ending)
        if let written {
            await announcer.announce(
                [JobTransition(ending.job, written.state)], made: written.followUps,
                topics: ending.completion?.topics ?? [], settings: settings.now)
        }
        return written?.state
    }

    private func writeWithRows(_ ending: Ending) async throws -> (state: JobState, followUps: [Job])? {
        let followUps = (ending.completion?.followUps ?? []).map { specification in
            var specification = specification
            specification.parent = ending.job.id
            specification.trace = specification.trace ?? ending.job.trace
            return NewJob(tenant: ending.job.tenant, specification: specification)
        }
        do {
            return try await pool.transaction(settings: JobStore.acting(for: ending.job.tenant)) { transaction in
                guard let state = try await store.settle(ending.settling, by: ending.worker, in: transaction) else {
                    throw AttemptLost()
                }
                try await ending.completion?.effects?(transaction)
                return (state, try await store.insert(followUps, in: transaction))
            }
        } catch is AttemptLost {
            return nil
        }
    }

    /// An earlier try may have been the one, whatever state it wrote: wake whoever can look at the row.
    private func announceUnknown(_ ending: Ending) async {
        await announcer.announce([JobTransition(ending.job, .running)], settings: settings.now)
    }

    /// The store will never take this result: say so in the row rather than run the job again and again.
    private func settleAsFailed(_ ending: Ending) async -> JobState? {
        let failure = Failure(.permanent, code: "result_refused", message: "The database refused the job's result.")
        var ending = ending
        ending.completion = nil
        ending.settling.settlement = Settlement(state: .failed, failure: failure)
        do {
            return try await plain.submit(ending)
        } catch {
            logger.critical("job cannot be settled", metadata: ["job": "\(ending.job.id)", "error": "\(error)"])
            return nil
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
