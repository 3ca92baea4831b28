package import Domain
import FoundationEssentials
package import Postgres

/// Which of a tenant's jobs to list.
package struct JobFilter: Sendable, Equatable {
    package var state: JobState?
    package var queue: QueueName?
    package var kind: JobKind?
    /// Only jobs older than this one: the last of the page before.
    package var before: JobID?

    package init(state: JobState? = nil, queue: QueueName? = nil, kind: JobKind? = nil, before: JobID? = nil) {
        self.state = state
        self.queue = queue
        self.kind = kind
        self.before = before
    }
}

extension JobStore {
    static let columns = """
        id, tenant_id, queue, kind, state, attempt, attempts_spent, max_attempts, created_at, run_at, started_at,
        finished_at, cancel_requested_at IS NOT NULL, result, failure, last_sequence
        """

    static let find = Statement("jobs.find", "SELECT \(columns) FROM jobs WHERE id = $1")

    /// `nil` when there is no such job, or none this tenant may see.
    package func find(_ id: JobID, tenant: TenantID) async throws -> Job? {
        try await pool.query(Self.find, [.uuid(id.uuid)], settings: Self.acting(for: tenant)).first.map(Self.job)
    }

    /// The same within a transaction that already acts for the tenant.
    package func find(_ id: JobID, in transaction: PostgresTransaction) async throws -> Job? {
        try await transaction.query(Self.find, [.uuid(id.uuid)]).first.map(Self.job)
    }

    static let list = Statement(
        "jobs.list",
        """
        SELECT \(columns) FROM jobs
        WHERE tenant_id = $1 AND id < $2 AND ($3::text IS NULL OR state = $3)
          AND ($4::text IS NULL OR queue = $4) AND ($5::text IS NULL OR kind = $5)
        ORDER BY id DESC LIMIT $6
        """)

    /// Sorts after every job there will be.
    private static let last = JobID(
        UUID(uuid: (255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255)))

    /// A tenant's jobs, newest first, at most `limit`.
    package func list(_ filter: JobFilter, tenant: TenantID, limit: Int) async throws -> [Job] {
        let parameters: [PostgresValue] = [
            .uuid(tenant.uuid), .uuid((filter.before ?? Self.last).uuid),
            filter.state.map { .text($0.rawValue) } ?? .null, filter.queue.map { .text($0.rawValue) } ?? .null,
            filter.kind.map { .text($0.rawValue) } ?? .null, .int(limit),
        ]
        return try await pool.query(Self.list, parameters, settings: Self.acting(for: tenant)).map(Self.job)
    }

    static func job(_ row: PostgresRow) throws -> Job {
        Job(
            id: JobID(try row.uuid(0)), tenant: TenantID(try row.uuid(1)), queue: try row.queue(2),
            kind: JobKind(rawValue: try row.text(3)), state: try row.state(4), attempt: try row.int(5),
            attemptsSpent: try row.int(6), maxAttempts: try row.int(7), createdAt: try row.timestamp(8),
            runAt: try row.timestamp(9), startedAt: try row.optionalTimestamp(10),
            finishedAt: try row.optionalTimestamp(11), cancelRequested: try row.bool(12),
            result: try row.optionalJSON(13), failure: try row.optionalJSON(14).map(FailureColumn.decode),
            lastSequence: try row.optionalInt(15))
    }
}
