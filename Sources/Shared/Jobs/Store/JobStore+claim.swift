package import Domain
import FoundationEssentials
import Postgres

extension JobStore {
    /// What a queued job must fulfil to run at this moment, limits apart: its turn within its ordering key, an open
    /// gate, and a start that is not too late.
    ///
    /// `state IN ('queued', 'queued now')` says no more than `state = 'queued'`, but not to the planner: that one would
    /// read the whole index of queued jobs rather than look up a few hundred ids.
    static let mayRun = """
        job.state IN ('queued', 'queued now')
        AND (job.ordering_key IS NULL OR NOT EXISTS (
            SELECT FROM jobs AS earlier
            WHERE earlier.tenant_id = job.tenant_id AND earlier.ordering_key = job.ordering_key
              AND earlier.seq < job.seq AND earlier.state IN ('scheduled', 'queued', 'running', 'waiting')))
        AND (job.gate IS NULL OR NOT EXISTS (
            SELECT FROM gates WHERE gates.key = job.gate AND gates.closed_until > clock_timestamp()))
        AND (job.start_by IS NULL OR job.attempt > 0 OR job.start_by > clock_timestamp())
        AND (job.finish_by IS NULL OR job.finish_by > clock_timestamp())
        """

    static let toRunning = """
        SET state = 'running', attempt = job.attempt + 1, attempts_spent = job.attempts_spent + 1, worker_id = me.id,
            started_at = clock_timestamp(), failure = NULL, progress = NULL
        """

    static let claimedColumns = """
        job.id, job.tenant_id, job.queue, job.priority, job.kind, job.payload, job.ordering_key, job.attempt,
        job.attempts_spent, job.max_attempts, job.attempt_timeout_seconds, job.concurrency_key, job.gate,
        job.batch_id, job.trace, extract(epoch FROM job.finish_by - clock_timestamp())::float8,
        extract(epoch FROM job.started_at - job.run_at)::float8
        """

    /// `queued -> running` for those of the ids that may run now and have no concurrency key.
    ///
    /// The lock on the worker's row makes a claim and the burial of a dead worker exclude each other: whoever buries it
    /// deletes that row first, and looks for its jobs afterwards. A heartbeat is not held up by it.
    static let claim = Statement(
        "jobs.claim",
        """
        WITH me AS (SELECT id FROM workers WHERE id = $2 FOR KEY SHARE)
        UPDATE jobs AS job \(toRunning)
        FROM me
        WHERE job.id = ANY ($1) AND job.concurrency_key IS NULL AND \(mayRun)
        RETURNING \(claimedColumns)
        """)

    /// Claims what may run of the ids taken from a queue. One that is missing from the answer ended, runs elsewhere,
    /// or has to wait: `delayed` tells.
    package func claim(_ ids: [JobID], by worker: WorkerID) async throws -> [ClaimedJob] {
        do {
            return try await claimTogether(ids, by: worker)
        } catch let error as PostgresError where error.isClaimConflict {
            // Two workers met over one ordering key: the store let one in. The others of the batch are not to suffer.
            return try await claimOneByOne(ids, by: worker)
        }
    }

    private func claimOneByOne(_ ids: [JobID], by worker: WorkerID) async throws -> [ClaimedJob] {
        var claimed: [ClaimedJob] = []
        for id in ids {
            do {
                claimed += try await claimTogether([id], by: worker)
            } catch let error as PostgresError where error.isClaimConflict {
                continue
            }
        }
        return claimed
    }

    private func claimTogether(_ ids: [JobID], by worker: WorkerID) async throws -> [ClaimedJob] {
        try await pool.query(Self.claim, [.uuids(ids.map(\.uuid)), .uuid(worker.uuid)]).map(Self.claimed)
    }

    static func claimed(_ row: PostgresRow) throws -> ClaimedJob {
        var job = ClaimedJob(
            id: JobID(try row.uuid(0)),
            list: ReadyList(
                queue: try row.queue(2), tenant: TenantID(try row.uuid(1)), priority: try row.priority(3)),
            kind: JobKind(rawValue: try row.text(4)), payload: try row.json(5), orderingKey: try row.optionalText(6),
            attempt: try row.int(7), attemptsSpent: try row.int(8), maxAttempts: try row.int(9),
            attemptTimeoutSeconds: try row.int(10))
        job.concurrencyKey = try row.optionalText(11)
        job.gate = try row.optionalText(12)
        job.batch = try row.optionalUUID(13).map { BatchID($0) }
        job.trace = try row.optionalText(14)
        job.secondsLeft = try row.optionalDouble(15)
        job.waitedSeconds = max(0, try row.double(16))
        return job
    }

    /// Why a job that was taken could not be claimed, and still waits.
    package enum Delay: String, Sendable {
        /// An earlier job of its ordering key has not ended; that one's end will push it.
        case order
        /// As many of its concurrency key run as may; the end of one of those will push it.
        case key
        /// Its gate is closed: it is scheduled for when that opens.
        case gate
        /// Too late: it will be failed.
        case time
        /// Nothing of these: its queue or tenant is at its limit, or it became free this moment.
        case limit
    }

    /// A closed gate's jobs come back when it opens, spread over a tenth of the wait or a second, so that they do not
    /// all meet the provider at once.
    static let deferGated = Statement(
        "jobs.defer_gated",
        """
        UPDATE jobs AS job
        SET state = 'scheduled',
            run_at = gates.closed_until + random() * greatest(
                interval '1 second', (gates.closed_until - gates.closed_at) / 10)
        FROM gates
        WHERE job.id = ANY ($1) AND job.state IN ('queued', 'queued now')
          AND gates.key = job.gate AND gates.closed_until > clock_timestamp()
        RETURNING job.id
        """)

    static let delayed = Statement(
        "jobs.delayed",
        """
        SELECT job.id, CASE
            WHEN job.start_by <= clock_timestamp() AND job.attempt = 0 OR job.finish_by <= clock_timestamp()
                THEN 'time'
            WHEN job.ordering_key IS NOT NULL AND EXISTS (
                SELECT FROM jobs AS earlier
                WHERE earlier.tenant_id = job.tenant_id AND earlier.ordering_key = job.ordering_key
                  AND earlier.seq < job.seq AND earlier.state IN ('scheduled', 'queued', 'running', 'waiting'))
                THEN 'order'
            WHEN job.concurrency_key IS NOT NULL AND (
                SELECT count(*) FROM jobs AS other
                WHERE other.tenant_id = job.tenant_id AND other.concurrency_key = job.concurrency_key
                  AND other.state = 'running')
                >= (SELECT max_running FROM concurrency_limits WHERE class = split_part(job.concurrency_key, ':', 1))
                THEN 'key'
            ELSE 'limit' END
        FROM jobs AS job
        WHERE job.id = ANY ($1) AND job.state IN ('queued', 'queued now')
        """)

    /// Sorts out what `claim` left: what is held back by a gate is scheduled; the rest is told with its reason. What
    /// needs nobody is missing.
    package func delayed(_ ids: [JobID]) async throws -> [JobID: Delay] {
        guard !ids.isEmpty else { return [:] }
        let parameters: [PostgresValue] = [.uuids(ids.map(\.uuid))]
        var delays: [JobID: Delay] = [:]
        for row in try await pool.query(Self.deferGated, parameters) { delays[JobID(try row.uuid(0))] = .gate }
        for row in try await pool.query(Self.delayed, parameters) {
            delays[JobID(try row.uuid(0))] = Delay(rawValue: try row.text(1))
        }
        return delays
    }
}

extension PostgresError {
    /// Another transaction claimed a job of the same ordering key, or the same jobs in another order.
    var isClaimConflict: Bool {
        guard case .server(let state, _, _, _) = self else { return false }
        return state == .uniqueViolation || state == .deadlockDetected
    }
}
