package import Domain
import Postgres

/// Everything the engine knows of a workspace that is being erased. For the worker's role.
extension JobStore {
    private static let unfinished = "state IN ('scheduled', 'queued', 'running', 'waiting')"

    /// What runs is marked: its worker reads it with its next heartbeat.
    static let endAll = Statement(
        "erasure.end_jobs",
        """
        UPDATE jobs
        SET cancel_requested_at = clock_timestamp(),
            state = CASE state WHEN 'running' THEN state ELSE 'cancelled' END,
            finished_at = CASE state WHEN 'running' THEN NULL ELSE clock_timestamp() END
        WHERE id IN (
            SELECT id FROM jobs
            WHERE tenant_id = $1 AND id <> $2 AND \(unfinished) AND cancel_requested_at IS NULL
            ORDER BY id LIMIT $3 FOR UPDATE)
        """)

    static let isBusy = Statement(
        "erasure.is_busy",
        "SELECT EXISTS (SELECT 1 FROM jobs WHERE tenant_id = $1 AND id <> $2 AND \(unfinished))")

    /// With nobody to make new jobs: schedules, and batches that would call back.
    static let eraseSchedules = Statement("erasure.schedules", "DELETE FROM schedules WHERE tenant_id = $1")
    static let eraseBatches = Statement(
        "erasure.batches",
        "DELETE FROM batches WHERE id IN (SELECT id FROM batches WHERE tenant_id = $1 ORDER BY id LIMIT $2)")

    static let eraseJobs = Statement(
        "erasure.jobs",
        """
        WITH gone AS (
            DELETE FROM jobs WHERE id IN (
                SELECT id FROM jobs
                WHERE tenant_id = $1 AND id <> $2 AND NOT \(unfinished) ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED)
            RETURNING id
        ),
        histories AS (DELETE FROM job_retries WHERE job_id = ANY (ARRAY(SELECT id FROM gone)))
        SELECT count(*) FROM gone
        """)

    static let eraseKeys = Statement(
        "erasure.idempotency_keys",
        """
        DELETE FROM idempotency_keys
        WHERE tenant_id = $1 AND key IN (SELECT key FROM idempotency_keys WHERE tenant_id = $1 LIMIT $2)
        """)

    static let eraseShare = Statement("erasure.tenant_share", "DELETE FROM tenant_shares WHERE tenant_id = $1")

    /// Erases what has ended, and ends the rest.
    /// - Parameter job: the job that does this, which stays. `nil`: it is another tenant's.
    /// - Returns: false while a job still runs: come again.
    package func erase(_ tenant: TenantID, but job: JobID?) async throws -> Bool {
        let (place, limit) = (PostgresValue.uuid(tenant.uuid), PostgresValue.int(Self.prunePage))
        let but = PostgresValue.uuid(job?.uuid ?? TenantID.operators.uuid)
        _ = try await pool.execute(Self.eraseSchedules, [place])
        while try await pool.execute(Self.eraseBatches, [place, limit]) > 0 { try Task.checkCancellation() }
        while try await pool.execute(Self.endAll, [place, but, limit]) > 0 { try Task.checkCancellation() }
        while try await pool.query(Self.eraseJobs, [place, but, limit])[0].int(0) > 0 { try Task.checkCancellation() }
        while try await pool.execute(Self.eraseKeys, [place, limit]) > 0 { try Task.checkCancellation() }
        _ = try await pool.execute(Self.eraseShare, [place])
        return try await !pool.query(Self.isBusy, [place, but])[0].bool(0)
    }
}
