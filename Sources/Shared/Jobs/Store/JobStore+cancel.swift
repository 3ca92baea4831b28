package import Domain
import Postgres

/// What a request to cancel found.
package enum Cancellation: Sendable {
    /// The job had not started, and ended now.
    case ended(Job)
    /// The job runs: its worker has been told by the row, and is to be told at once.
    case requested(Job, worker: WorkerID)
    /// The job had ended already.
    case tooLate(Job)
    case notFound
}

extension JobStore {
    /// What has not started ends here; what runs is marked, and its worker ends it.
    static let cancel = Statement(
        "jobs.cancel",
        """
        UPDATE jobs
        SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
            state = CASE state WHEN 'running' THEN state ELSE 'cancelled' END,
            finished_at = CASE state WHEN 'running' THEN NULL ELSE clock_timestamp() END
        WHERE id = $1 AND state IN ('scheduled', 'queued', 'running', 'waiting')
        RETURNING \(columns), worker_id, ordering_key
        """)

    package func cancel(_ id: JobID, tenant: TenantID) async throws -> (Cancellation, orderingKey: String?) {
        let settings = Self.acting(for: tenant)
        guard let row = try await pool.query(Self.cancel, [.uuid(id.uuid)], settings: settings).first else {
            return (try await find(id, tenant: tenant).map(Cancellation.tooLate) ?? .notFound, nil)
        }
        let job = try Self.job(row)
        if let worker = try row.optionalUUID(Self.columnCount) {
            return (.requested(job, worker: WorkerID(worker)), nil)
        }
        return (.ended(job), try row.optionalText(Self.columnCount + 1))
    }
}
