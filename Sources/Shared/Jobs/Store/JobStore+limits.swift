package import Domain
import Postgres

extension JobStore {
    /// The limits a claim may meet, locked for the rest of the transaction so that two workers do not count at the same
    /// time. Locks are taken in one order.
    static let lockLimits = Statement(
        "jobs.lock_limits",
        """
        SELECT pg_advisory_xact_lock(hashtextextended(name, 0))
        FROM (SELECT DISTINCT name FROM unnest($1::text[]) AS name ORDER BY name) AS names
        """)

    static let limitNames = Statement(
        "jobs.limit_names",
        """
        SELECT DISTINCT tenant_id, concurrency_key FROM jobs
        WHERE id = ANY ($1) AND state IN ('queued', 'queued now') AND concurrency_key IS NOT NULL
        """)

    /// `queued -> running` for those of the ids that may run now, as many as their queue, their tenants in it and their
    /// concurrency keys have room for. A job counts against a limit by its place among the candidates, so a limit is
    /// never exceeded; what one limit refuses may keep a place of another from being used this time.
    static let claimLimited = Statement(
        "jobs.claim_limited",
        """
        WITH me AS (SELECT id FROM workers WHERE id = $2 FOR KEY SHARE),
        candidate AS MATERIALIZED (
            SELECT job.id, job.queue, job.tenant_id, job.concurrency_key,
                   row_number() OVER (PARTITION BY job.queue ORDER BY job.priority, job.seq) AS of_queue,
                   row_number() OVER (PARTITION BY job.tenant_id ORDER BY job.priority, job.seq) AS of_tenant,
                   row_number() OVER (PARTITION BY job.tenant_id, job.concurrency_key
                                      ORDER BY job.priority, job.seq) AS of_key
            FROM jobs AS job WHERE job.id = ANY ($1) AND \(mayRun)
        ),
        queue_room AS MATERIALIZED (
            SELECT name, max_running - (
                SELECT count(*) FROM workers JOIN jobs ON jobs.worker_id = workers.id
                WHERE jobs.state = 'running' AND jobs.queue = queues.name) AS room
            FROM queues WHERE max_running IS NOT NULL AND name IN (SELECT queue FROM candidate)
        ),
        tenant_room AS MATERIALIZED (
            SELECT tenant_id, max_running - (
                SELECT count(*) FROM workers JOIN jobs ON jobs.worker_id = workers.id
                WHERE jobs.state = 'running' AND jobs.tenant_id = tenant_shares.tenant_id) AS room
            FROM tenant_shares WHERE max_running IS NOT NULL AND tenant_id IN (SELECT tenant_id FROM candidate)
        ),
        key_room AS MATERIALIZED (
            SELECT key.tenant_id, key.concurrency_key, max_running - (
                SELECT count(*) FROM jobs
                WHERE jobs.tenant_id = key.tenant_id AND jobs.concurrency_key = key.concurrency_key
                  AND jobs.state = 'running') AS room
            FROM (SELECT DISTINCT tenant_id, concurrency_key FROM candidate WHERE concurrency_key IS NOT NULL) AS key
            JOIN concurrency_limits ON class = split_part(key.concurrency_key, ':', 1)
        )
        UPDATE jobs AS job \(toRunning)
        FROM me, candidate
        LEFT JOIN queue_room ON queue_room.name = candidate.queue
        LEFT JOIN tenant_room ON tenant_room.tenant_id = candidate.tenant_id
        LEFT JOIN key_room ON key_room.tenant_id = candidate.tenant_id
            AND key_room.concurrency_key = candidate.concurrency_key
        WHERE job.id = candidate.id AND job.state IN ('queued', 'queued now')
          AND coalesce(candidate.of_queue <= queue_room.room, true)
          AND coalesce(candidate.of_tenant <= tenant_room.room, true)
          AND coalesce(candidate.of_key <= key_room.room, true)
        RETURNING \(claimedColumns)
        """)

    /// Claims within the limits of the queue, the tenants and the concurrency keys, counted over all workers.
    package func claimLimited(
        _ jobs: [QueuedJob], queue: QueueName, by worker: WorkerID
    ) async throws -> [ClaimedJob] {
        guard !jobs.isEmpty else { return [] }
        do {
            return try await claimLimitedTogether(jobs, queue, worker)
        } catch let error as PostgresError where error.isClaimConflict {
            // Two jobs of one ordering key: see `claim`.
            var claimed: [ClaimedJob] = []
            for job in jobs {
                do {
                    claimed += try await claimLimitedTogether([job], queue, worker)
                } catch let error as PostgresError where error.isClaimConflict {
                    continue
                }
            }
            return claimed
        }
    }

    private func claimLimitedTogether(
        _ jobs: [QueuedJob], _ queue: QueueName, _ worker: WorkerID
    ) async throws -> [ClaimedJob] {
        let ids = PostgresValue.uuids(jobs.map(\.id.uuid))
        return try await pool.transaction { transaction in
            var names = ["queue \(queue)"] + Set(jobs.map(\.list.tenant)).map { "tenant \($0)" }
            for row in try await transaction.query(Self.limitNames, [ids]) {
                names.append("key \(TenantID(try row.uuid(0))) \(try row.text(1))")
            }
            _ = try await transaction.query(Self.lockLimits, [.texts(names)])
            return try await transaction.query(Self.claimLimited, [ids, .uuid(worker.uuid)]).map(Self.claimed)
        }
    }

    static let keyed = Statement(
        "jobs.keyed",
        """
        SELECT id FROM jobs
        WHERE id = ANY ($1) AND state IN ('queued', 'queued now') AND concurrency_key IS NOT NULL
        """)

    /// Those of the jobs that wait and have a concurrency key.
    func withConcurrencyKey(_ jobs: [QueuedJob]) async throws -> [QueuedJob] {
        guard !jobs.isEmpty else { return [] }
        let keyed = Set(try await pool.query(Self.keyed, [.uuids(jobs.map(\.id.uuid))]).map { JobID(try $0.uuid(0)) })
        return jobs.filter { keyed.contains($0.id) }
    }

    static let nextOfKeys = Statement(
        "jobs.next_of_keys",
        """
        SELECT next.id, next.queue, next.tenant_id, next.priority
        FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::text[]) AS given (tenant_id, concurrency_key)) AS ended
        CROSS JOIN LATERAL (
            SELECT id, queue, tenant_id, priority FROM jobs
            WHERE jobs.tenant_id = ended.tenant_id AND jobs.concurrency_key = ended.concurrency_key
              AND jobs.state = 'queued'
            ORDER BY seq LIMIT 4
        ) AS next
        """)

    /// Queued jobs of these concurrency keys that may take the place of those that ended: some more than there are
    /// places, because others may be quicker.
    package func nextOfKeys(_ ended: [(tenant: TenantID, key: String)]) async throws -> [QueuedJob] {
        guard !ended.isEmpty else { return [] }
        return try await pool.query(
            Self.nextOfKeys, [.uuids(ended.map(\.tenant.uuid)), .texts(ended.map(\.key))]
        ).map(Self.queued)
    }

    /// Reads id, queue, tenant and priority.
    static func queued(_ row: PostgresRow) throws -> QueuedJob {
        QueuedJob(
            id: JobID(try row.uuid(0)),
            list: ReadyList(
                queue: try row.queue(1), tenant: TenantID(try row.uuid(2)), priority: try row.priority(3)))
    }
}
