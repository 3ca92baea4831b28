package import Domain
import FoundationEssentials
package import Postgres

extension JobStore {
    static let insertBatch = Statement(
        "batches.insert", "INSERT INTO batches (id, tenant_id, job_ids, callback) VALUES ($1, $2, $3, $4)")

    /// Opens a batch in the transaction that inserts its jobs.
    /// - Parameters:
    ///   - jobs: those that were asked for, in that order, 1 to 10,000.
    ///   - callback: what becomes a job when all of them have ended. `nil`: nobody is called.
    package func insertBatch(
        _ id: BatchID, tenant: TenantID, jobs: [JobID], callback: JobSpecification?,
        in transaction: PostgresTransaction
    ) async throws {
        let callback = try callback.map { PostgresValue.json(try SpecificationColumn.encode($0)) } ?? .null
        _ = try await transaction.execute(
            Self.insertBatch, [.uuid(id.uuid), .uuid(tenant.uuid), .uuids(jobs.map(\.uuid)), callback])
    }

    /// Whoever sets `finished_at` writes the callback in the same transaction, so there is one callback.
    static let finishBatches = Statement(
        "batches.finish",
        """
        UPDATE batches SET finished_at = clock_timestamp()
        WHERE id IN (SELECT id FROM batches WHERE id = ANY ($1) AND finished_at IS NULL ORDER BY id FOR UPDATE)
          AND finished_at IS NULL
          AND NOT EXISTS (
              SELECT FROM jobs WHERE jobs.batch_id = batches.id
              AND jobs.state IN ('scheduled', 'queued', 'running', 'waiting'))
        RETURNING id, tenant_id, callback
        """)

    static let setCallback = Statement(
        "batches.set_callback", "UPDATE batches SET callback_job_id = $2 WHERE id = $1")

    /// Finishes those of the batches whose jobs have all ended. Read after the commit that ended the last one: of two
    /// that end at once, at least one sees the other.
    /// - Returns: the callback jobs, to be pushed.
    package func finishBatches(_ ids: [BatchID]) async throws -> [Job] {
        guard !ids.isEmpty else { return [] }
        return try await pool.transaction { transaction in
            var batches: [UUID] = []
            var jobs: [NewJob] = []
            for row in try await transaction.query(Self.finishBatches, [.uuids(ids.map(\.uuid))]) {
                guard let callback = try row.optionalJSON(2) else { continue }
                batches.append(try row.uuid(0))
                jobs.append(
                    NewJob(tenant: TenantID(try row.uuid(1)), specification: try SpecificationColumn.decode(callback)))
            }
            let callbacks = try await insert(jobs, in: transaction)
            for (batch, job) in zip(batches, callbacks) {
                _ = try await transaction.execute(Self.setCallback, [.uuid(batch), .uuid(job.id.uuid)])
            }
            return callbacks
        }
    }

    static let unfinishedBatches = Statement(
        "batches.unfinished",
        """
        SELECT id FROM batches
        WHERE finished_at IS NULL AND id > $1 AND created_at < clock_timestamp() - interval '2 seconds'
          AND NOT EXISTS (
              SELECT FROM jobs WHERE jobs.batch_id = batches.id
              AND jobs.state IN ('scheduled', 'queued', 'running', 'waiting'))
        ORDER BY id LIMIT $2
        """)

    /// Batches whose jobs have all ended without anybody having finished them: somebody died between the two.
    package func abandonedBatches(limit: Int) async throws -> [BatchID] {
        let first = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        return try await pool.query(Self.unfinishedBatches, [.uuid(first), .int(limit)]).map {
            BatchID(try $0.uuid(0))
        }
    }
}
