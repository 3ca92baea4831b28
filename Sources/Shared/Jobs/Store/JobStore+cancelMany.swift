package import Domain
import Postgres

extension JobStore {
    static let cancelMany = Statement(
        "jobs.cancel_many",
        """
        WITH found AS (
            SELECT id FROM jobs
            WHERE \(JobSelection.condition) AND state IN ('scheduled', 'queued', 'running', 'waiting')
              AND cancel_requested_at IS NULL
            ORDER BY id LIMIT $6 FOR UPDATE SKIP LOCKED
        )
        UPDATE jobs
        SET cancel_requested_at = clock_timestamp(),
            state = CASE state WHEN 'running' THEN state ELSE 'cancelled' END,
            finished_at = CASE state WHEN 'running' THEN NULL ELSE clock_timestamp() END
        WHERE id IN (SELECT id FROM found ORDER BY id LIMIT $6 - 1)
        RETURNING id, queue, tenant_id, priority, state, ordering_key, concurrency_key, batch_id, worker_id,
                  (SELECT count(*) FROM found)
        """)

    /// Ends jobs that do not run, and asks for the end of those that do and were not asked before.
    package func cancel(_ selection: JobSelection, tenant: TenantID) async throws -> Moved {
        let rows = try await pool.query(
            Self.cancelMany, selection.parameters(tenant), settings: Self.acting(for: tenant))
        var moved = Moved(isMore: (try rows.first?.int(9) ?? 0) > selection.limit)
        for row in rows {
            let job = try Self.transition(row)
            if let worker = try row.optionalUUID(8) {
                moved.asked.append((job.job.id, WorkerID(worker)))
            } else {
                moved.jobs.append(job)
            }
        }
        return moved
    }
}
