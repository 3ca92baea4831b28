package import Domain
import FoundationEssentials
import Postgres

extension JobStore {
    static let promote = Statement(
        "jobs.promote",
        """
        UPDATE jobs SET state = 'queued'
        WHERE id IN (
            SELECT id FROM jobs WHERE state = 'scheduled' AND run_at <= clock_timestamp()
            ORDER BY run_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING id, queue, tenant_id, priority
        """)

    /// `scheduled -> queued` for jobs that are due, at most `limit`. Any number of processes may do this at once.
    package func promote(limit: Int) async throws -> [QueuedJob] {
        try await pool.query(Self.promote, [.int(limit)]).map(Self.queued)
    }

    /// A job that is the next of a list, and could have been taken for `$4` milliseconds already.
    private static let couldRun = """
        run_at < clock_timestamp() - $4 * interval '1 millisecond'
        AND (ordering_key IS NULL OR NOT EXISTS (
            SELECT FROM jobs AS earlier
            WHERE earlier.tenant_id = jobs.tenant_id AND earlier.ordering_key = jobs.ordering_key
              AND earlier.seq < jobs.seq AND earlier.state IN ('scheduled', 'queued', 'running', 'waiting')))
        AND (concurrency_key IS NULL OR coalesce((
            SELECT count(*) FROM jobs AS other
            WHERE other.tenant_id = jobs.tenant_id AND other.concurrency_key = jobs.concurrency_key
              AND other.state = 'running')
            < (SELECT max_running FROM concurrency_limits WHERE class = split_part(jobs.concurrency_key, ':', 1)),
            true))
        """

    /// Walks the index of queued jobs list by list without reading what is in between, and looks up the head of each.
    static let heads = Statement(
        "jobs.heads",
        """
        WITH RECURSIVE list AS (
            (SELECT tenant_id, priority FROM jobs
             WHERE queue = $1 AND state = 'queued' AND (tenant_id, priority) > ($2::uuid, $3::int2)
             ORDER BY tenant_id, priority LIMIT 1)
            UNION ALL
            SELECT next.tenant_id, next.priority FROM list CROSS JOIN LATERAL (
                SELECT tenant_id, priority FROM jobs
                WHERE queue = $1 AND state = 'queued' AND (tenant_id, priority) > (list.tenant_id, list.priority)
                ORDER BY tenant_id, priority LIMIT 1) AS next
        )
        SELECT list.tenant_id, list.priority, head.id
        FROM (SELECT * FROM list LIMIT $5) AS list
        LEFT JOIN LATERAL (
            SELECT id FROM jobs
            WHERE queue = $1 AND state = 'queued' AND tenant_id = list.tenant_id AND priority = list.priority
              AND \(couldRun)
            ORDER BY seq LIMIT 1) AS head ON true
        """)

    /// Lists with queued rows, in their order after `last`, at most `limit`, each with the job that should be taken
    /// from
    /// it next; `nil` where none could have been taken for `graceMilliseconds` already.
    package func heads(
        queue: QueueName, after last: ReadyList?, graceMilliseconds: Int, limit: Int
    ) async throws -> [(list: ReadyList, head: JobID?)] {
        let parameters: [PostgresValue] = [
            .text(queue.rawValue), .uuid((last?.tenant ?? Self.firstTenant).uuid),
            .int32(Int32(last?.priority.rawValue ?? 0)), .int(graceMilliseconds), .int(limit),
        ]
        return try await pool.query(Self.heads, parameters).map { row in
            let list = ReadyList(queue: queue, tenant: TenantID(try row.uuid(0)), priority: try row.priority(1))
            return (list, try row.optionalUUID(2).map { JobID($0) })
        }
    }

    private static let firstTenant = TenantID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))

    static let overdue = Statement(
        "jobs.overdue",
        """
        SELECT id FROM jobs
        WHERE queue = $1 AND state = 'queued' AND tenant_id = $2 AND priority = $3::int2 AND \(couldRun)
        ORDER BY seq LIMIT $5
        """)

    /// The first jobs of a list that could have been taken for `graceMilliseconds` already.
    package func overdue(_ list: ReadyList, graceMilliseconds: Int, limit: Int) async throws -> [JobID] {
        let parameters: [PostgresValue] = [
            .text(list.queue.rawValue), .uuid(list.tenant.uuid), .int32(Int32(list.priority.rawValue)),
            .int(graceMilliseconds), .int(limit),
        ]
        return try await pool.query(Self.overdue, parameters).map { JobID(try $0.uuid(0)) }
    }

    static let rest = Statement(
        "jobs.rest",
        """
        SELECT id, seq FROM jobs
        WHERE queue = $1 AND state = 'queued' AND tenant_id = $2 AND priority = $3::int2 AND seq > $4
        ORDER BY seq LIMIT $5
        """)

    /// What a list still has in the table behind a `seq`, at most `limit`.
    package func rest(of list: ReadyList, after seq: Int, limit: Int) async throws -> [(id: JobID, seq: Int)] {
        let parameters: [PostgresValue] = [
            .text(list.queue.rawValue), .uuid(list.tenant.uuid), .int32(Int32(list.priority.rawValue)), .int(seq),
            .int(limit),
        ]
        return try await pool.query(Self.rest, parameters).map { (JobID(try $0.uuid(0)), try $0.int(1)) }
    }

    /// A job that is a worker's by its row.
    package struct Held: Sendable, Hashable {
        package var id: JobID
        package var attempt: Int
        package var list: ReadyList
    }

    static let held = Statement(
        "jobs.held",
        """
        SELECT id, queue, tenant_id, priority, attempt FROM jobs
        WHERE worker_id = $1 AND state = 'running' AND started_at < clock_timestamp() - $2 * interval '1 millisecond'
        """)

    /// The jobs a worker has been running for so long, by their rows.
    package func held(by worker: WorkerID, forMilliseconds milliseconds: Int) async throws -> [Held] {
        try await pool.query(Self.held, [.uuid(worker.uuid), .int(milliseconds)]).map {
            Held(id: JobID(try $0.uuid(0)), attempt: try $0.int(4), list: try Self.queued($0).list)
        }
    }

    static let stillQueued = Statement(
        "jobs.still_queued",
        "SELECT id FROM jobs WHERE id = ANY ($1) AND state IN ('queued', 'queued now') ORDER BY seq")

    /// Which of these jobs wait in their queue at this moment, in order of acceptance.
    package func stillQueued(_ ids: [JobID]) async throws -> [JobID] {
        guard !ids.isEmpty else { return [] }
        return try await pool.query(Self.stillQueued, [.uuids(ids.map(\.uuid))]).map { JobID(try $0.uuid(0)) }
    }
}
