import Domain
import FoundationEssentials
import Postgres

/// Counting a table in which a million jobs may wait, for whoever asks, must not cost what the jobs need:
///
/// - Queued jobs are counted list by list (queue, tenant, priority). The lists are found by jumping along the index,
///   not by reading it; of each, 50 entries are counted first, and those lists that have more share `entriesPerCount`,
///   up to `entriesPerList` each. What was not counted to its end is marked as capped, never guessed: the planner's own
///   estimates (`reltuples`) are of another minute.
/// - Jobs in other states are counted to `otherStates` each, by an index that holds that state alone.
/// - What somebody counted in the last seconds is told to everybody (`queue_states`), and only one counts at a time.
///   Counting again waits for fifty times what it took, so that it never costs more than a fiftieth of a processor.
///   Nobody asks, nobody counts.
extension JobStore {
    static let maxLists = 2_000
    static let firstLook = 50
    static let entriesPerCount = 250_000
    static let entriesPerList = 100_000
    static let otherStates = 20_000

    static let countLists = Statement(
        "stats.lists",
        """
        WITH RECURSIVE list AS (
            (SELECT queue, tenant_id, priority FROM jobs WHERE state = 'queued'
             ORDER BY queue, tenant_id, priority LIMIT 1)
            UNION ALL
            SELECT next.queue, next.tenant_id, next.priority FROM list CROSS JOIN LATERAL (
                SELECT queue, tenant_id, priority FROM jobs
                WHERE state = 'queued' AND (queue, tenant_id, priority) > (list.queue, list.tenant_id, list.priority)
                ORDER BY queue, tenant_id, priority LIMIT 1) AS next
        )
        SELECT list.queue, list.tenant_id, list.priority, counted.entries,
               extract(epoch FROM clock_timestamp() - head.run_at)::float8
        FROM (SELECT * FROM list LIMIT $1) AS list
        CROSS JOIN LATERAL (
            SELECT count(*) AS entries FROM (
                SELECT FROM jobs
                WHERE state = 'queued' AND queue = list.queue AND tenant_id = list.tenant_id
                  AND priority = list.priority
                LIMIT $2) AS part) AS counted
        CROSS JOIN LATERAL (
            SELECT min(run_at) AS run_at FROM (
                SELECT run_at FROM jobs
                WHERE state = 'queued' AND queue = list.queue AND tenant_id = list.tenant_id
                  AND priority = list.priority
                ORDER BY seq LIMIT 10) AS first) AS head
        """)

    static let countLongLists = Statement(
        "stats.long_lists",
        """
        SELECT list.queue, list.tenant_id, list.priority, counted.entries
        FROM unnest($1::text[], $2::uuid[], $3::int4[]) AS list (queue, tenant_id, priority)
        CROSS JOIN LATERAL (
            SELECT count(*) AS entries FROM (
                SELECT FROM jobs
                WHERE state = 'queued' AND queue = list.queue AND tenant_id = list.tenant_id
                  AND priority = list.priority::int2
                LIMIT $4) AS part) AS counted
        """)

    static let countOthers = Statement(
        "stats.others",
        """
        SELECT queue, tenant_id, state, count(*) FROM (
            (SELECT queue, tenant_id, 'scheduled' AS state FROM jobs WHERE state = 'scheduled'
             ORDER BY run_at LIMIT $1)
            UNION ALL
            (SELECT queue, tenant_id, 'running' FROM jobs WHERE state = 'running' ORDER BY worker_id LIMIT $1)
            UNION ALL
            (SELECT queue, tenant_id, 'waiting' FROM jobs WHERE state = 'waiting' ORDER BY queue, tenant_id LIMIT $1)
            UNION ALL
            (SELECT queue, tenant_id, 'failed' FROM jobs WHERE state = 'failed' AND discarded_at IS NULL
             ORDER BY tenant_id, id LIMIT $1)
        ) AS job
        GROUP BY queue, tenant_id, state
        """)

    static let sumRecent = Statement(
        "stats.recent",
        """
        SELECT queue, tenant, sum(attempts)::float8, sum(finished)::float8, sum(retries)::float8
        FROM workers CROSS JOIN LATERAL jsonb_to_recordset(recent)
            AS (queue text, tenant uuid, attempts float8, finished float8, retries float8)
        WHERE beat_at > clock_timestamp() - interval '60 seconds'
        GROUP BY queue, tenant
        """)

    static let countWorkers = Statement(
        "stats.workers",
        """
        SELECT (SELECT count(*) FROM workers),
               (SELECT count(*) FROM buried_workers WHERE buried_at > clock_timestamp() - interval '1 hour')
        """)

    /// Counts now.
    package func countQueues() async throws -> QueueStates {
        try await pool.transaction { try await countQueues(in: $0) }
    }

    func countQueues(in transaction: PostgresTransaction) async throws -> QueueStates {
        let started = ContinuousClock.now
        var count = Count()
        try await countQueued(transaction, into: &count)
        try await countOthers(transaction, into: &count)
        for row in try await transaction.query(Self.sumRecent) {
            let tenant = try row.optionalUUID(1).map { TenantID($0) }
            try count.change(row.queue(0), tenant) { backlog throws in
                backlog.recent.attempts = try row.double(2)
                backlog.recent.finished = try row.double(3)
                backlog.recent.retries = try row.double(4)
            }
        }
        let workers = try await transaction.query(Self.countWorkers)[0]
        var states = count.states(workers: try workers.int(0), buried: try workers.int(1))
        states.countingSeconds = (ContinuousClock.now - started) / .seconds(1)
        return states
    }

    private func countQueued(_ transaction: PostgresTransaction, into count: inout Count) async throws {
        var long: [ReadyList] = []
        let rows = try await transaction.query(Self.countLists, [.int(Self.maxLists), .int(Self.firstLook)])
        let isComplete = rows.count < Self.maxLists
        for row in rows {
            let list = ReadyList(
                queue: try row.queue(0), tenant: TenantID(try row.uuid(1)), priority: try row.priority(2))
            let age = try row.optionalDouble(4)
            let entries = try row.int(3)
            if entries == Self.firstLook { long.append(list) }
            count.add(list) { backlog in
                if entries < Self.firstLook { backlog.queued += Tally(entries) }
                if let age { backlog.oldestSeconds = max(0, age, backlog.oldestSeconds ?? 0) }
            }
        }
        // Lists come in order, so those that are missing are of the last queue, and of queues nobody knows of.
        if !isComplete, let last = try rows.last?.queue(0) {
            count.change(last, nil) { $0.queued.isCapped = true }
        }
        guard !long.isEmpty else { return }
        let limit = max(Self.firstLook, min(Self.entriesPerList, Self.entriesPerCount / long.count))
        let parameters: [PostgresValue] = [
            .texts(long.map(\.queue.rawValue)), .uuids(long.map(\.tenant.uuid)),
            .int32s(long.map { Int32($0.priority.rawValue) }), .int(limit + 1),
        ]
        for row in try await transaction.query(Self.countLongLists, parameters) {
            let list = ReadyList(
                queue: try row.queue(0), tenant: TenantID(try row.uuid(1)), priority: try row.priority(2))
            let entries = try row.int(3)
            count.add(list) { $0.queued += Tally(min(entries, limit), isCapped: entries > limit) }
        }
    }

    private func countOthers(_ transaction: PostgresTransaction, into count: inout Count) async throws {
        var sums: [String: Int] = [:]
        let rows = try await transaction.query(Self.countOthers, [.int(Self.otherStates)])
        for row in rows { sums[try row.text(2), default: 0] += try row.int(3) }
        for row in rows {
            let state = try row.text(2)
            let tally = Tally(try row.int(3), isCapped: sums[state] == Self.otherStates)
            let list = ReadyList(queue: try row.queue(0), tenant: TenantID(try row.uuid(1)), priority: .normal)
            count.add(list) { backlog in
                switch state {
                case "scheduled": backlog.scheduled += tally
                case "running": backlog.running += tally
                case "waiting": backlog.waiting += tally
                default: backlog.dead += tally
                }
            }
        }
    }
}

/// A count under way.
private struct Count {
    var queues: [QueueName: Backlog] = [:]
    var tenants: [QueueName: [TenantID: Backlog]] = [:]

    /// Counts for the tenant and for its queue.
    mutating func add(_ list: ReadyList, _ change: (inout Backlog) -> Void) {
        change(&queues[list.queue, default: Backlog()])
        change(&tenants[list.queue, default: [:]][list.tenant, default: Backlog()])
    }

    /// Changes the queue's own backlog, or that of one tenant.
    mutating func change(
        _ queue: QueueName, _ tenant: TenantID?, _ change: (inout Backlog) throws -> Void
    ) rethrows {
        if let tenant {
            try change(&tenants[queue, default: [:]][tenant, default: Backlog()])
        } else {
            try change(&queues[queue, default: Backlog()])
        }
    }

    func states(workers: Int, buried: Int) -> QueueStates {
        let names = Set(queues.keys).union(tenants.keys)
        let queues = names.sorted { $0.rawValue < $1.rawValue }.map { name in
            let all = tenants[name] ?? [:]
            let most = all.sorted { left, right in
                let (left, right) = (Self.rank(left), Self.rank(right))
                return left > right
            }
            return QueueStates.Queue(
                name: name.rawValue, all: self.queues[name] ?? Backlog(),
                tenants: most.prefix(QueueStates.tenantsPerQueue).map { .init(id: $0.key, backlog: $0.value) },
                tenantCount: all.count)
        }
        return QueueStates(queues: queues, workers: workers, buriedWorkers: buried)
    }

    /// Who is shown first. The id decides between equals, so that the choice stays the same.
    private static func rank(_ tenant: (key: TenantID, value: Backlog)) -> (Int, Int, Int, TenantID) {
        let backlog = tenant.value
        return (
            backlog.queued.count, backlog.running.count + backlog.scheduled.count + backlog.waiting.count,
            backlog.dead.count, tenant.key
        )
    }
}
