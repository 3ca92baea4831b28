package import Domain
import Postgres

extension JobStore {
    /// `queued -> running` for those of the ids that may run now.
    ///
    /// The lock on the worker's row makes a claim and the burial of a dead worker exclude each other: whoever buries it
    /// deletes that row first, and looks for its jobs afterwards. A heartbeat is not held up by it.
    ///
    /// `state IN ('queued', 'queued now')` says no more than `state = 'queued'`, but not to the planner: that one would
    /// read the whole index of queued jobs rather than look up a few hundred ids.
    static let claim = Statement(
        "jobs.claim",
        """
        WITH me AS (SELECT id FROM workers WHERE id = $2 FOR KEY SHARE)
        UPDATE jobs AS job
        SET state = 'running', attempt = job.attempt + 1, attempts_spent = job.attempts_spent + 1, worker_id = me.id,
            started_at = clock_timestamp(), failure = NULL
        FROM me
        WHERE job.id = ANY ($1) AND job.state IN ('queued', 'queued now')
          AND (job.ordering_key IS NULL OR NOT EXISTS (
              SELECT FROM jobs AS earlier
              WHERE earlier.tenant_id = job.tenant_id AND earlier.ordering_key = job.ordering_key
                AND earlier.seq < job.seq AND earlier.state IN ('scheduled', 'queued', 'running', 'waiting')))
        RETURNING job.id, job.tenant_id, job.queue, job.kind, job.payload, job.ordering_key, job.attempt,
                  job.attempts_spent, job.max_attempts, job.attempt_timeout_seconds
        """)

    /// Claims what may run of the ids taken from a queue. An id that is missing from the answer needs nothing: its job
    /// ended, runs elsewhere, or waits for an earlier one of its ordering key, whose settling will push it.
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
        try await pool.query(Self.claim, [.uuids(ids.map(\.uuid)), .uuid(worker.uuid)]).map { row in
            ClaimedJob(
                id: JobID(try row.uuid(0)), tenant: TenantID(try row.uuid(1)), queue: try row.queue(2),
                kind: JobKind(rawValue: try row.text(3)), payload: try row.json(4),
                orderingKey: try row.optionalText(5), attempt: try row.int(6), attemptsSpent: try row.int(7),
                maxAttempts: try row.int(8), attemptTimeoutSeconds: try row.int(9))
        }
    }
}

extension PostgresError {
    /// Another transaction claimed a job of the same ordering key, or the same jobs in another order.
    fileprivate var isClaimConflict: Bool {
        guard case .server(let state, _, _, _) = self else { return false }
        return state == .uniqueViolation || state == .deadlockDetected
    }
}
