package import Domain
import FoundationEssentials
package import Postgres

/// A job on its way into the table.
package struct NewJob: Sendable {
    package var id: JobID
    package var tenant: TenantID
    package var specification: JobSpecification

    package init(id: JobID = .make(), tenant: TenantID, specification: JobSpecification) {
        self.id = id
        self.tenant = tenant
        self.specification = specification
    }
}

extension JobStore {
    /// One statement for any number of jobs, of any tenants; `seq` follows the order of the arrays. What few jobs say
    /// about themselves comes as one JSON object each (see `AcceptanceColumn`), NULL for most.
    static let insert = Statement(
        "jobs.insert",
        """
        INSERT INTO jobs (id, tenant_id, queue, kind, payload, ordering_key, max_attempts, attempt_timeout_seconds,
                          priority, state, run_at, created_at, start_by, finish_by, unique_key, concurrency_key, gate,
                          batch_id, parent_id, trace)
        SELECT id, tenant_id, queue, kind, payload, ordering_key, max_attempts, attempt_timeout_seconds, priority,
               CASE WHEN run_at > now THEN 'scheduled' ELSE 'queued' END, greatest(run_at, now), now,
               greatest(run_at, now) + (more->>'start_within')::float8 * interval '1 second',
               greatest(run_at, now) + (more->>'finish_within')::float8 * interval '1 second',
               more->>'unique_key', more->>'concurrency_key', more->>'gate',
               (more->>'batch')::uuid, (more->>'parent')::uuid, more->>'trace'
        FROM (
            SELECT *, coalesce(
                now + (more->>'delay')::float8 * interval '1 second', to_timestamp((more->>'at')::float8)) AS run_at
            FROM (
                SELECT *, clock_timestamp() AS now
                FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::int4[],
                            $8::int4[], $9::int4[], $10::jsonb[])
                    WITH ORDINALITY AS given (id, tenant_id, queue, kind, payload, ordering_key, max_attempts,
                                              attempt_timeout_seconds, priority, more, position)
            ) AS timed
        ) AS new
        ORDER BY position
        RETURNING id, created_at, run_at, state
        """)

    /// Writes jobs without a unique key in a transaction of their own. When it returns they are durable.
    /// - Returns: the jobs as accepted, in the order given.
    package func insert(_ jobs: [NewJob]) async throws -> [Job] {
        let rows = try await pool.query(
            Self.insert, Self.parameters(jobs), settings: Self.acting(for: Set(jobs.map(\.tenant))))
        return try Self.accepted(jobs, rows)
    }

    /// Writes jobs in a transaction that writes more: they exist if, and only if, that transaction commits.
    /// - Returns: for each of them the job that stands, which is an earlier one where a unique key says so.
    package func insert(_ jobs: [NewJob], in transaction: PostgresTransaction) async throws -> [Job] {
        try await accept(jobs, in: transaction).map(\.job)
    }

    /// Writes jobs that nothing stands in the way of.
    func write(_ jobs: [NewJob], in transaction: PostgresTransaction) async throws -> [Job] {
        guard !jobs.isEmpty else { return [] }
        let rows = try await transaction.query(Self.insert, Self.parameters(jobs))
        return try Self.accepted(jobs, rows)
    }

    static func parameters(_ jobs: [NewJob]) -> [PostgresValue] {
        [
            .uuids(jobs.map(\.id.uuid)), .uuids(jobs.map(\.tenant.uuid)),
            .texts(jobs.map(\.specification.queue.rawValue)), .texts(jobs.map(\.specification.kind.rawValue)),
            .jsons(jobs.map(\.specification.payload)), .optionalTexts(jobs.map(\.specification.effectiveOrderingKey)),
            .int32s(jobs.map { Int32(clamping: $0.specification.maxAttempts) }),
            .int32s(jobs.map { Int32(clamping: $0.specification.attemptTimeoutSeconds) }),
            .int32s(jobs.map { Int32(clamping: $0.specification.priority.rawValue) }),
            .jsons(jobs.map { AcceptanceColumn.encode($0.specification) }),
        ]
    }

    private static func accepted(_ jobs: [NewJob], _ rows: [PostgresRow]) throws -> [Job] {
        var times: [UUID: PostgresRow] = [:]
        for row in rows { times[try row.uuid(0)] = row }
        return try jobs.map { job in
            guard let row = times[job.id.uuid] else { throw JobStoreError.unreadableRow(column: "id") }
            let what = job.specification
            return Job(
                id: job.id, tenant: job.tenant, queue: what.queue, kind: what.kind, state: try row.state(3),
                maxAttempts: what.maxAttempts, createdAt: try row.timestamp(1), runAt: try row.timestamp(2),
                priority: what.priority, batch: what.batch, parent: what.parent)
        }
    }
}
