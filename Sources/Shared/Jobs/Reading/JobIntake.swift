package import Domain
package import Logging
import Metrics
package import Postgres

/// Accepts jobs: durable first, handed over second.
package struct JobIntake: Sendable {
    package let store: JobStore
    let pool: PostgresPool
    let queue: JobQueue
    let signals: JobSignals
    let logger: Logger
    private let batches: GroupCommit<NewJob, Job>

    /// Accepts that may wait for the database at once; more are refused with `PostgresError.overloaded`.
    package static let maxWaiting = 10_000

    package init(pool: PostgresPool, queue: JobQueue, signals: JobSignals, logger: Logger) {
        let store = JobStore(pool: pool)
        self.store = store
        self.pool = pool
        self.queue = queue
        self.signals = signals
        self.logger = logger
        batches = GroupCommit(lanes: 2, maxBatch: 500, maxWaiting: Self.maxWaiting) { try await store.insert($0) }
    }

    /// Accepts a job that needs no other row. When it returns, the job is durable.
    package func accept(_ job: NewJob) async throws -> Job {
        let accepted = try await batches.submit(job)
        await handOver([QueuedJob(id: accepted.id, queue: accepted.queue)])
        return accepted
    }

    /// An accepted job, or the one an earlier request with the same key made.
    package enum Keyed: Sendable {
        case accepted(Job)
        case replayed(Job)
        case conflict
    }

    /// Accepts a job together with other rows, and under an Idempotency-Key if there is one: all in one transaction.
    /// - Parameters:
    ///   - key: the key and the SHA-256 of the request it came with.
    ///   - rows: writes the other rows, and says what the job is.
    package func accept(
        id: JobID = .make(), tenant: TenantID, key: (key: String, digest: [UInt8])?,
        rows: @Sendable (PostgresTransaction) async throws -> JobSpecification
    ) async throws -> Keyed {
        let keyed: Keyed = try await pool.transaction(settings: JobStore.acting(for: tenant)) { transaction in
            if let key {
                switch try await store.claim(
                    key: key.key, digest: key.digest, tenant: tenant, job: id, in: transaction)
                {
                case .new: break
                case .conflict: return .conflict
                case .replay(let earlier):
                    return try await store.find(earlier, in: transaction).map(Keyed.replayed) ?? .conflict
                }
            }
            let specification = try await rows(transaction)
            let job = NewJob(id: id, tenant: tenant, specification: specification)
            return .accepted(try await store.insert(job, in: transaction))
        }
        if case .accepted(let job) = keyed { await handOver([QueuedJob(id: job.id, queue: job.queue)]) }
        return keyed
    }

    /// Ends the job, or has its worker end it.
    package func cancel(_ id: JobID, tenant: TenantID) async throws -> Cancellation {
        let (cancellation, orderingKey) = try await store.cancel(id, tenant: tenant)
        do {
            switch cancellation {
            case .requested(_, let worker): try await signals.requestCancellation(of: id, to: worker)
            case .ended:
                if let orderingKey { try await queue.push(store.nextInOrder(after: [(tenant, orderingKey)])) }
                try await signals.stateChanged([id])
            case .tooLate, .notFound: break
            }
        } catch {
            // The row has it: the worker reads it with its next heartbeat.
            logger.warning("cancel signal lost", metadata: ["job": "\(id)", "error": "\(error)"])
        }
        return cancellation
    }

    /// A push that fails loses nothing: the reconciler finds a queued row that no list holds.
    private func handOver(_ jobs: [QueuedJob]) async {
        do {
            try await queue.push(jobs)
        } catch {
            Counter(label: "errand_push_errors_total").increment(by: jobs.count)
            logger.warning("accepted, not pushed yet", metadata: ["error": "\(error)"])
        }
    }
}
