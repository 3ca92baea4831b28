package import Domain
package import FoundationEssentials
import Postgres

/// A batch as its tenant sees it.
package struct Batch: Sendable {
    package var id: BatchID
    /// Those that were asked for, in that order. A job that was deduplicated is another's, and the batch does not wait
    /// for it.
    package var jobs: [JobID]
    /// How many of the batch's own jobs are in which state.
    package var counts: [JobState: Int]
    package var callback: JobID?
    package var createdAt: Date
    /// `nil` while jobs of it have not ended. Never changes again, also when jobs are retried.
    package var finishedAt: Date?
}

extension JobStore {
    static let findBatch = Statement(
        "batches.find",
        """
        SELECT job_ids, callback_job_id, created_at, finished_at,
               (SELECT jsonb_object_agg(state, jobs) FROM (
                    SELECT state, count(*) AS jobs FROM jobs WHERE batch_id = batches.id GROUP BY state) AS counted)
        FROM batches WHERE id = $1
        """)

    /// `nil` when there is no such batch, or none this tenant may see.
    package func findBatch(_ id: BatchID, tenant: TenantID) async throws -> Batch? {
        let rows = try await pool.query(Self.findBatch, [.uuid(id.uuid)], settings: Self.acting(for: tenant))
        guard let row = rows.first else { return nil }
        let counts = try row.optionalJSON(4).map {
            try JSONDecoder().decode([String: Int].self, from: Data($0))
        }
        return Batch(
            id: id, jobs: try row.uuids(0).map { JobID($0) },
            counts: Dictionary(
                uniqueKeysWithValues: (counts ?? [:]).compactMap { state, count in
                    JobState(rawValue: state).map { ($0, count) }
                }),
            callback: try row.optionalUUID(1).map { JobID($0) }, createdAt: try row.timestamp(2),
            finishedAt: try row.optionalTimestamp(3))
    }
}
