package import Domain
import Postgres

/// What a person wants to do with several jobs at once. All parts that are given have to fit.
package struct JobSelection: Sendable, Equatable {
    package var state: JobState?
    package var queue: QueueName?
    package var kind: JobKind?
    /// The code of the job's failure.
    package var failureCode: String?
    /// Jobs moved by one call, 1 to 1,000.
    package var limit: Int

    package static let maxLimit = 1_000

    package init(
        state: JobState? = nil, queue: QueueName? = nil, kind: JobKind? = nil, failureCode: String? = nil,
        limit: Int = maxLimit
    ) {
        self.state = state
        self.queue = queue
        self.kind = kind
        self.failureCode = failureCode
        self.limit = limit
    }

    /// Tenant, state, queue, kind, code of failure, and one more than the limit: that one tells whether more remain.
    func parameters(_ tenant: TenantID) -> [PostgresValue] {
        [
            .uuid(tenant.uuid), state.map { .text($0.rawValue) } ?? .null, queue.map { .text($0.rawValue) } ?? .null,
            kind.map { .text($0.rawValue) } ?? .null, failureCode.map { .text($0) } ?? .null, .int(limit + 1),
        ]
    }

    /// What `parameters` fit, as `$1` to `$5`.
    static let condition = """
        tenant_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR queue = $3)
        AND ($4::text IS NULL OR kind = $4) AND ($5::text IS NULL OR failure->>'code' = $5)
        """
}

extension JobStore {
    /// A job comes back as if it were new, but for its attempts, which go on counting, and its place in line, which is
    /// the last: later jobs of its order may have run already. What it was to start or end by is over, and forgotten.
    private static let toQueued = """
        SET state = 'queued', seq = DEFAULT, attempts_spent = 0, run_at = clock_timestamp(), finished_at = NULL,
            result = NULL, failure = NULL, last_sequence = NULL, progress = NULL, deaths = NULL,
            cancel_requested_at = NULL, discarded_at = NULL, start_by = NULL, finish_by = NULL,
            retries = job.retries + 1, retried_at = clock_timestamp()
        """

    /// One that never started is pending once more, and so gives way to another pending job of its unique key.
    private static let mayComeBack = """
        job.state IN ('failed', 'cancelled') AND (job.attempt > 0 OR job.unique_key IS NULL OR NOT EXISTS (
            SELECT FROM jobs AS pending
            WHERE pending.tenant_id = job.tenant_id AND pending.unique_key = job.unique_key
              AND pending.attempt = 0 AND pending.state IN ('scheduled', 'queued')))
        """

    private static let noteRetries = """
        INSERT INTO job_retries (job_id, retry, tenant_id, from_state, attempt, failure, finished_at, retried_by)
        SELECT ended.id, ended.retries + 1, ended.tenant_id, ended.state, ended.attempt, ended.failure,
               ended.finished_at, $2 FROM ended JOIN back USING (id)
        """

    static let retry = Statement(
        "jobs.retry",
        """
        WITH ended AS (SELECT * FROM jobs AS job WHERE id = $1 AND \(mayComeBack) FOR UPDATE),
        back AS (
            UPDATE jobs AS job \(toQueued) FROM ended WHERE job.id = ended.id RETURNING \(columns(of: "job"))
        ), noted AS (\(noteRetries))
        SELECT * FROM back
        """)

    /// What a request to bring a job back, or to put it aside, found.
    package enum Control: Sendable {
        case done(Job)
        /// The job is in no state for that.
        case refused(Job)
        case notFound
    }

    /// Queues a failed or cancelled job again, and notes it.
    /// - Parameter by: who asked, for the record; up to 200 characters.
    /// - Throws: `PostgresError.isUniqueRace`: repeat it.
    package func retry(_ id: JobID, tenant: TenantID, by: String) async throws -> Control {
        let rows = try await pool.query(
            Self.retry, [.uuid(id.uuid), .text(by)], settings: Self.acting(for: tenant))
        return try await control(rows.first.map(Self.job), id, tenant)
    }

    static let retryMany = Statement(
        "jobs.retry_many",
        """
        WITH found AS (
            SELECT id, attempt, unique_key FROM jobs AS job
            WHERE \(JobSelection.condition) AND discarded_at IS NULL AND \(mayComeBack)
            ORDER BY id LIMIT $6 FOR UPDATE SKIP LOCKED
        ), chosen AS (
            SELECT *, row_number() OVER (PARTITION BY attempt > 0 OR unique_key IS NULL, unique_key ORDER BY id) AS rank
            FROM (SELECT * FROM found ORDER BY id LIMIT $6 - 1) AS first
        ), ended AS (
            SELECT jobs.* FROM jobs JOIN chosen USING (id)
            WHERE chosen.attempt > 0 OR chosen.unique_key IS NULL OR chosen.rank = 1
        ), back AS (
            UPDATE jobs AS job \(toQueued) FROM ended WHERE job.id = ended.id
            RETURNING job.id, job.queue, job.tenant_id, job.priority, job.state, job.ordering_key,
                      job.concurrency_key, job.batch_id
        ), noted AS (\(noteRetries.replacing("$2", with: "$7")))
        SELECT back.*, (SELECT count(*) FROM found) FROM back
        """)

    /// Jobs that were moved together.
    package struct Moved: Sendable {
        package var jobs: [JobTransition] = []
        /// Running jobs that were asked to end, and who runs them.
        package var asked: [(job: JobID, worker: WorkerID)] = []
        /// There are more that fit.
        package var isMore = false
    }

    /// Queues failed or cancelled jobs again that were not discarded.
    /// - Throws: `PostgresError.isUniqueRace`: repeat it.
    package func retry(_ selection: JobSelection, tenant: TenantID, by: String) async throws -> Moved {
        let rows = try await pool.query(
            Self.retryMany, selection.parameters(tenant) + [.text(by)], settings: Self.acting(for: tenant))
        return Moved(
            jobs: try rows.map(Self.transition), isMore: (try rows.first?.int(8) ?? 0) > selection.limit)
    }

    static let discard = Statement(
        "jobs.discard",
        """
        UPDATE jobs SET discarded_at = coalesce(discarded_at, clock_timestamp()) WHERE id = $1 AND state = 'failed'
        RETURNING \(columns)
        """)

    /// Puts a failed job aside: nobody wants it back. Repeating it changes nothing.
    package func discard(_ id: JobID, tenant: TenantID) async throws -> Control {
        let rows = try await pool.query(Self.discard, [.uuid(id.uuid)], settings: Self.acting(for: tenant))
        return try await control(rows.first.map(Self.job), id, tenant)
    }

    static let discardMany = Statement(
        "jobs.discard_many",
        """
        WITH found AS (
            SELECT id FROM jobs
            WHERE \(JobSelection.condition) AND state = 'failed' AND discarded_at IS NULL
            ORDER BY id LIMIT $6 FOR UPDATE SKIP LOCKED
        )
        UPDATE jobs SET discarded_at = clock_timestamp()
        WHERE id IN (SELECT id FROM found ORDER BY id LIMIT $6 - 1)
        RETURNING id, queue, tenant_id, priority, state, ordering_key, concurrency_key, batch_id,
                  (SELECT count(*) FROM found)
        """)

    package func discard(_ selection: JobSelection, tenant: TenantID) async throws -> Moved {
        let rows = try await pool.query(
            Self.discardMany, selection.parameters(tenant), settings: Self.acting(for: tenant))
        return Moved(
            jobs: try rows.map(Self.transition), isMore: (try rows.first?.int(8) ?? 0) > selection.limit)
    }

    private func control(_ done: Job?, _ id: JobID, _ tenant: TenantID) async throws -> Control {
        if let done { return .done(done) }
        return try await find(id, tenant: tenant).map(Control.refused) ?? .notFound
    }
}
