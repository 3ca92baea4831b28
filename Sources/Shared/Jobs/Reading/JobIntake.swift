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

    /// How long a caller waits for Redis to take what is durable already: the feeder and the reconciler make it good.
    package static let patience = Duration.milliseconds(500)

    /// - Parameters:
    ///   - queue: over a client with a command timeout of `patience` where callers are requests.
    ///   - signals: over the same client.
    package init(pool: PostgresPool, queue: JobQueue, signals: JobSignals, logger: Logger) {
        let store = JobStore(pool: pool)
        self.store = store
        self.pool = pool
        self.queue = queue
        self.signals = signals
        self.logger = logger
        batches = GroupCommit(lanes: 2, maxBatch: 500, maxWaiting: Self.maxWaiting) { jobs in
            let accepted = try await store.insert(jobs)
            await Self.handOver(accepted, to: queue, logger)
            return accepted
        }
    }

    /// Accepts a job that needs no other row. When it returns, the job, or the earlier one that stands for it, is
    /// durable.
    package func accept(_ job: NewJob) async throws -> Job {
        guard job.specification.unique != nil else { return try await batches.submit(job) }
        let specification = job.specification
        let accepted = try await accept(id: job.id, tenant: job.tenant, key: nil) { _ in specification }
        guard let job = accepted.job else { throw JobStoreError.unreadableRow(column: "id") }
        return job
    }

    /// Accepts jobs of any tenants in one transaction, each unless its unique key says otherwise.
    /// - Returns: what became of each, in the order given.
    package func accept(_ jobs: [NewJob]) async throws -> [Acceptance] {
        let acting = JobStore.acting(for: Set(jobs.map(\.tenant)))
        let accepted = try await repeatingRaces {
            try await pool.transaction(settings: acting) { try await store.accept(jobs, in: $0) }
        }
        await handOver(accepted)
        return accepted
    }

    /// What became of a request that may have a key.
    package enum Keyed: Sendable {
        /// A new job.
        case accepted(Job)
        /// No new job: this one has the same unique key.
        case deduplicated(Job)
        /// What an earlier request with the same Idempotency-Key made.
        case replayed(Job)
        /// The Idempotency-Key belongs to another request.
        case conflict
        /// A request with the same Idempotency-Key is being worked on.
        case inProgress

        package var job: Job? {
            switch self {
            case .accepted(let job), .deduplicated(let job), .replayed(let job): job
            case .conflict, .inProgress: nil
            }
        }
    }

    /// Accepts a job together with other rows, and under an Idempotency-Key if there is one: all in one transaction.
    /// - Parameters:
    ///   - acting: what else the transaction may see than the tenant's rows.
    ///   - rows: writes the other rows, and says what the job is. Called again when the transaction has to be repeated.
    package func accept(
        id: JobID = .make(), tenant: TenantID, key: RequestKey?, acting: [PostgresSetting] = [],
        rows: @Sendable (PostgresTransaction) async throws -> JobSpecification
    ) async throws -> Keyed {
        let (keyed, acceptance) = try await transaction(tenant, acting) { transaction -> (Keyed, Acceptance?) in
            if let key {
                switch try await store.claim(key, tenant: tenant, for: id.uuid, in: transaction) {
                case .new: break
                case .inProgress: return (.inProgress, nil)
                case .conflict: return (.conflict, nil)
                case .replay(let earlier):
                    return (try await store.find(JobID(earlier), in: transaction).map(Keyed.replayed) ?? .conflict, nil)
                }
            }
            let new = NewJob(id: id, tenant: tenant, specification: try await rows(transaction))
            let acceptance = try await store.accept([new], in: transaction)[0]
            if acceptance.isNew { return (.accepted(acceptance.job), acceptance) }
            if let key { try await store.rekey(key, tenant: tenant, to: acceptance.job.id, in: transaction) }
            return (.deduplicated(acceptance.job), acceptance)
        }
        if let acceptance { await handOver([acceptance]) }
        return keyed
    }

    /// How often a transaction that met another one over a unique key is tried.
    private static let maxTries = 10

    /// Acts for a tenant, again when two requests met over a unique key.
    func transaction<Value: Sendable>(
        _ tenant: TenantID, _ acting: [PostgresSetting] = [],
        _ body: @Sendable (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await repeatingRaces { try await pool.transaction(settings: JobStore.acting(for: tenant) + acting, body) }
    }

    /// Does again what was undone because another transaction was there first.
    func repeatingRaces<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        for _ in 1..<Self.maxTries {
            do {
                return try await body()
            } catch let error as PostgresError where error.isUniqueRace {
                continue
            }
        }
        return try await body()
    }

    /// What the commit made, or changed, is pushed, and its readers are told.
    func handOver(_ accepted: [Acceptance]) async {
        await Self.handOver(accepted.filter { $0.isNew || $0.isMoved }.map(\.job), to: queue, logger)
        let changed = accepted.filter(\.isMoved).map(\.job.id)
        if !changed.isEmpty { await signals.announce(changed, through: queue.fuse) }
    }

    /// Tells others through Redis, unless it was away a moment ago. What is lost is found by those who look anyway.
    /// - Parameter body: sends something: a body that does not would say that Redis is back.
    func signal(_ loss: Logger.Message, jobs count: Int? = nil, _ body: () async throws -> Void) async {
        do {
            try await queue.fuse.run(body)
        } catch {
            var metadata: Logger.Metadata = ["error": "\(error)"]
            if let count { metadata["jobs"] = "\(count)" }
            logger.warning(loss, metadata: metadata)
        }
    }

    /// A push that fails loses nothing: the feeder finds a queued row that no list holds.
    static func handOver(_ jobs: [Job], to queue: JobQueue, _ logger: Logger) async {
        let ready = jobs.filter { $0.state == .queued }.map { QueuedJob($0) }
        guard !ready.isEmpty else { return }
        do {
            try await queue.fuse.run { try await queue.push(ready) }
        } catch {
            Counter(label: "errand_push_errors_total").increment(by: ready.count)
            logger.warning("accepted, not pushed yet", metadata: ["error": "\(error)"])
        }
    }
}
