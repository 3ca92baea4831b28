package import Domain
package import FoundationEssentials
import Postgres

/// Which jobs an operator asks for, over all tenants.
package struct JobSearch: Sendable, Equatable {
    /// A state, or one that only operators know by a name.
    package enum State: Sendable, Equatable {
        case state(JobState)
        /// Failed, and neither retried nor discarded.
        case dead
    }

    package var state: State?
    package var queue: QueueName?
    package var kind: JobKind?
    package var tenant: TenantID?
    package var failureCode: String?

    package init() {}
}

extension JobStore {
    private static let wanted = """
        ($1::uuid IS NULL OR tenant_id = $1) AND ($2::text IS NULL OR queue = $2)
        AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR failure->>'code' = $4)
        """

    /// Newest first, along the primary key: what is common is found soon.
    static let searchAll = Statement(
        "jobs.search", "SELECT \(columns) FROM jobs WHERE \(wanted) ORDER BY id DESC LIMIT $5")

    static let searchState = Statement(
        "jobs.search_state",
        "SELECT \(columns) FROM jobs WHERE \(wanted) AND state = $6 ORDER BY id DESC LIMIT $5")

    /// What is rare has an index that holds nothing else: reading all of that is less than looking for it among the
    /// others.
    private static func searchRare(_ name: String, _ condition: String) -> Statement {
        Statement(
            "jobs.search_\(name)",
            """
            SELECT \(columns) FROM (SELECT * FROM jobs WHERE \(condition) OFFSET 0) AS jobs
            WHERE \(wanted) ORDER BY id DESC LIMIT $5
            """)
    }

    static let searchDead = searchRare("dead", "state = 'failed' AND discarded_at IS NULL")
    static let searchScheduled = searchRare("scheduled", "state = 'scheduled'")
    static let searchRunning = searchRare("running", "state = 'running'")
    static let searchWaiting = searchRare("waiting", "state = 'waiting'")

    /// Jobs of any tenant, newest first, at most `limit`.
    package func search(_ search: JobSearch, limit: Int) async throws -> [Job] {
        var parameters: [PostgresValue] = [
            .optional(search.tenant) { .uuid($0.uuid) }, .optional(search.queue) { .text($0.rawValue) },
            .optional(search.kind) { .text($0.rawValue) }, .optional(search.failureCode, PostgresValue.text),
            .int(limit),
        ]
        let statement: Statement
        switch search.state {
        case nil: statement = Self.searchAll
        case .dead: statement = Self.searchDead
        case .state(.scheduled): statement = Self.searchScheduled
        case .state(.running): statement = Self.searchRunning
        case .state(.waiting): statement = Self.searchWaiting
        case .state(let state):
            statement = Self.searchState
            parameters.append(.text(state.rawValue))
        }
        return try await pool.query(statement, parameters).map(Self.job)
    }

    /// What only operators see of a job.
    package struct JobDetail: Sendable {
        package var job: Job
        /// A JSON object.
        package var payload: [UInt8]
        package var worker: WorkerID?
        package var orderingKey: String?
        package var uniqueKey: String?
        package var concurrencyKey: String?
        package var gate: String?
        package var trace: String?
        /// A JSON array: the workers that died while they ran it.
        package var deaths: [UInt8]?
    }

    static let detail = Statement(
        "jobs.detail",
        """
        SELECT \(columns), payload, worker_id, ordering_key, unique_key, concurrency_key, gate, trace, deaths
        FROM jobs WHERE id = $1
        """)

    /// A job of any tenant; `nil`: there is none.
    package func detail(_ id: JobID) async throws -> JobDetail? {
        try await pool.query(Self.detail, [.uuid(id.uuid)]).first.map { row in
            let next = Self.columnCount
            return JobDetail(
                job: try Self.job(row), payload: try row.json(next),
                worker: try row.optionalUUID(next + 1).map { WorkerID($0) },
                orderingKey: try row.optionalText(next + 2), uniqueKey: try row.optionalText(next + 3),
                concurrencyKey: try row.optionalText(next + 4), gate: try row.optionalText(next + 5),
                trace: try row.optionalText(next + 6), deaths: try row.optionalJSON(next + 7))
        }
    }

    static let listWorkers = Statement(
        "workers.list",
        """
        SELECT id, host, pid, queues, concurrency, started_at, beat_at,
               extract(epoch FROM clock_timestamp() - beat_at)::float8,
               (SELECT count(*) FROM jobs WHERE worker_id = workers.id AND state = 'running')
        FROM workers ORDER BY id LIMIT $1
        """)

    /// A registered worker.
    package struct LivingWorker: Sendable {
        package var id: WorkerID
        package var host: String
        package var processID: Int
        package var queues: [String]
        package var concurrency: Int
        package var startedAt: Date
        package var beatAt: Date
        /// Since its last heartbeat.
        package var beatSeconds: Double
        package var running: Int
    }

    package func livingWorkers(limit: Int) async throws -> [LivingWorker] {
        try await pool.query(Self.listWorkers, [.int(limit)]).map { row in
            LivingWorker(
                id: WorkerID(try row.uuid(0)), host: try row.text(1), processID: try row.int(2),
                queues: try row.texts(3), concurrency: try row.int(4), startedAt: try row.timestamp(5),
                beatAt: try row.timestamp(6), beatSeconds: try row.double(7), running: try row.int(8))
        }
    }

    static let listGraves = Statement(
        "workers.buried",
        "SELECT id, host, pid, buried_at, survived_at FROM buried_workers ORDER BY buried_at DESC LIMIT $1")

    /// A worker that was declared dead.
    package struct BuriedWorker: Sendable {
        package var id: WorkerID
        package var host: String
        package var processID: Int
        package var buriedAt: Date
        /// Its process came back: it had only lost touch.
        package var survivedAt: Date?
    }

    /// The last first.
    package func buriedWorkers(limit: Int) async throws -> [BuriedWorker] {
        try await pool.query(Self.listGraves, [.int(limit)]).map { row in
            BuriedWorker(
                id: WorkerID(try row.uuid(0)), host: try row.text(1), processID: try row.int(2),
                buriedAt: try row.timestamp(3), survivedAt: try row.optionalTimestamp(4))
        }
    }
}
