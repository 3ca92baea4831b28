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
    /// One statement for any number of jobs, of any tenants; `seq` follows the order of the arrays.
    static let insert = Statement(
        "jobs.insert",
        """
        INSERT INTO jobs (id, tenant_id, queue, kind, payload, ordering_key, max_attempts, attempt_timeout_seconds,
                          state, run_at, created_at)
        SELECT id, tenant_id, queue, kind, payload, ordering_key, max_attempts, attempt_timeout_seconds,
               'queued', clock_timestamp(), clock_timestamp()
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::int4[], $8::int4[])
            WITH ORDINALITY AS new (id, tenant_id, queue, kind, payload, ordering_key, max_attempts,
                                    attempt_timeout_seconds, position)
        ORDER BY position
        RETURNING id, created_at
        """)

    /// Writes jobs in a transaction of their own. When it returns they are durable.
    /// - Returns: the jobs as accepted, in the order given.
    package func insert(_ jobs: [NewJob]) async throws -> [Job] {
        let rows = try await pool.query(
            Self.insert, Self.parameters(jobs), settings: Self.acting(for: Set(jobs.map(\.tenant))))
        return try Self.accepted(jobs, rows)
    }

    /// Writes one job in a transaction that writes more: the job exists if, and only if, that transaction commits.
    package func insert(_ job: NewJob, in transaction: PostgresTransaction) async throws -> Job {
        let rows = try await transaction.query(Self.insert, Self.parameters([job]))
        return try Self.accepted([job], rows)[0]
    }

    private static func parameters(_ jobs: [NewJob]) -> [PostgresValue] {
        [
            .uuids(jobs.map(\.id.uuid)), .uuids(jobs.map(\.tenant.uuid)),
            .texts(jobs.map(\.specification.queue.rawValue)), .texts(jobs.map(\.specification.kind.rawValue)),
            .jsons(jobs.map(\.specification.payload)), .optionalTexts(jobs.map(\.specification.orderingKey)),
            .int32s(jobs.map { Int32(clamping: $0.specification.maxAttempts) }),
            .int32s(jobs.map { Int32(clamping: $0.specification.attemptTimeoutSeconds) }),
        ]
    }

    private static func accepted(_ jobs: [NewJob], _ rows: [PostgresRow]) throws -> [Job] {
        var times: [UUID: Date] = [:]
        for row in rows { times[try row.uuid(0)] = try row.timestamp(1) }
        return try jobs.map { job in
            guard let time = times[job.id.uuid] else { throw JobStoreError.unreadableRow(column: "id") }
            let what = job.specification
            return Job(
                id: job.id, tenant: job.tenant, queue: what.queue, kind: what.kind, state: .queued,
                maxAttempts: what.maxAttempts, createdAt: time, runAt: time)
        }
    }
}
