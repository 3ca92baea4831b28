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
    /// What `job(_:)` reads, by position.
    static let columns = """
        id, tenant_id, queue, kind, state, attempt, attempts_spent, max_attempts, created_at, run_at, started_at,
        finished_at, cancel_requested_at IS NOT NULL, result, failure, last_sequence, priority, batch_id, parent_id,
        progress, retries, discarded_at IS NOT NULL
        """

    /// The same of a named row, where a statement knows several.
    static func columns(of name: String) -> String {
        columns.split(separator: ",").map { "\(name).\($0.trimmingPrefix(while: \.isWhitespace))" }
            .joined(separator: ", ")
    }

    static let find = Statement("jobs.find", "SELECT \(columns) FROM jobs WHERE id = $1")

    /// `nil` when there is no such job, or none this tenant may see.
    package func find(_ id: JobID, tenant: TenantID) async throws -> Job? {
        try await pool.query(Self.find, [.uuid(id.uuid)], settings: Self.acting(for: tenant)).first.map(Self.job)
    }

    static let findMany = Statement("jobs.find_many", "SELECT \(columns) FROM jobs WHERE id = ANY ($1)")

    /// A job somebody asks for, in the name of a tenant.
    package struct Look: Sendable {
        package var id: JobID
        package var tenant: TenantID

        package init(id: JobID, tenant: TenantID) {
            self.id = id
            self.tenant = tenant
        }
    }

    /// What each of these would find, in their order.
    package func find(_ looks: [Look]) async throws -> [Job?] {
        let rows = try await pool.query(
            Self.findMany, [.uuids(looks.map(\.id.uuid))], settings: Self.acting(for: Set(looks.map(\.tenant))))
        var jobs: [JobID: Job] = [:]
        for row in rows {
            let job = try Self.job(row)
            jobs[job.id] = job
        }
        // Row-level security lets all of these tenants' rows through; each look gets only its own.
        return looks.map { look in jobs[look.id].flatMap { $0.tenant == look.tenant ? $0 : nil } }
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

    /// How many columns that are: a statement's own columns come after them.
    static let columnCount = 22

    static func job(_ row: PostgresRow) throws -> Job {
        Job(
            id: JobID(try row.uuid(0)), tenant: TenantID(try row.uuid(1)), queue: try row.queue(2),
            kind: JobKind(rawValue: try row.text(3)), state: try row.state(4), attempt: try row.int(5),
            attemptsSpent: try row.int(6), maxAttempts: try row.int(7), createdAt: try row.timestamp(8),
            runAt: try row.timestamp(9), startedAt: try row.optionalTimestamp(10),
            finishedAt: try row.optionalTimestamp(11), cancelRequested: try row.bool(12),
            result: try row.optionalJSON(13), failure: try row.optionalJSON(14).map(FailureColumn.decode),
            lastSequence: try row.optionalInt(15), priority: JobPriority(rawValue: try row.int(16)) ?? .normal,
            batch: try row.optionalUUID(17).map { BatchID($0) }, parent: try row.optionalUUID(18).map { JobID($0) },
            progress: try row.optionalJSON(19), retries: try row.int(20), isDiscarded: try row.bool(21))
    }
}
