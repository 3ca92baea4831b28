package import Domain
import FoundationEssentials
package import Postgres

/// What became of a job that was to be accepted.
package struct Acceptance: Sendable {
    /// The job that stands: the new one, or an earlier one with its unique key.
    package var job: Job
    /// False: nothing was added, because of the unique key.
    package var isNew: Bool
    /// The earlier job took the new one's place in time, and so perhaps in the lists. Of several new ones, the first
    /// says so.
    package var isMoved = false
}

extension JobStore {
    /// Accepts of one unique key go one after the other. There are 1,024 locks for all keys, so that a batch with many
    /// keys cannot use up the server's room for locks; they are taken in one order.
    static let lockUnique = Statement(
        "unique.lock",
        """
        SELECT pg_advisory_xact_lock(\(lockClass), number)
        FROM (
            SELECT DISTINCT (hashtextextended(tenant_id || ' ' || unique_key, 0) & 1023)::int4 AS number
            FROM unnest($1::uuid[], $2::text[]) AS given (tenant_id, unique_key) ORDER BY number
        ) AS numbers
        """)

    /// Tells these advisory locks from others.
    private static let lockClass = 0x756e_6971

    /// The pending job of each key, locked: it cannot be claimed before the transaction ends, so whoever is told that
    /// it waits can rely on that it starts later. One that is being claimed at this moment is not found.
    static let lockPending = Statement(
        "unique.lock_pending",
        """
        SELECT \(columns), unique_key FROM jobs
        WHERE (tenant_id, unique_key) IN (
            SELECT tenant_id, unique_key FROM unnest($1::uuid[], $2::text[]) AS given (tenant_id, unique_key))
          AND attempt = 0 AND state IN ('scheduled', 'queued')
        ORDER BY id FOR UPDATE
        """)

    /// The job of each key that stands in the way of scope `unfinished`, or of `period`: then `$3` has its seconds.
    static let earlier = Statement(
        "unique.earlier",
        """
        SELECT \(columns(of: "earlier")), given.unique_key
        FROM unnest($1::uuid[], $2::text[], $3::int4[]) AS given (tenant_id, unique_key, period)
        CROSS JOIN LATERAL (
            (SELECT * FROM jobs
             WHERE jobs.tenant_id = given.tenant_id AND jobs.unique_key = given.unique_key
               AND jobs.state IN ('scheduled', 'queued', 'running', 'waiting')
             ORDER BY jobs.seq DESC LIMIT 1)
            UNION ALL
            (SELECT * FROM jobs
             WHERE jobs.tenant_id = given.tenant_id AND jobs.unique_key = given.unique_key
               AND jobs.state = 'succeeded'
               AND jobs.created_at >= clock_timestamp() - given.period * interval '1 second'
             ORDER BY jobs.seq DESC LIMIT 1)
            LIMIT 1
        ) AS earlier
        """)

    /// A pending job takes over what a new one says about what to do and when. Its place in order stays.
    static let replace = Statement(
        "unique.replace",
        """
        UPDATE jobs
        SET payload = new.payload, priority = new.priority, max_attempts = new.max_attempts,
            attempt_timeout_seconds = new.attempt_timeout_seconds, trace = new.more->>'trace',
            state = CASE WHEN starts > now THEN 'scheduled' ELSE 'queued' END, run_at = greatest(starts, now),
            start_by = greatest(starts, now) + (more->>'start_within')::float8 * interval '1 second',
            finish_by = greatest(starts, now) + (more->>'finish_within')::float8 * interval '1 second'
        FROM (
            SELECT *, coalesce(
                now + (more->>'delay')::float8 * interval '1 second', to_timestamp((more->>'at')::float8)) AS starts
            FROM (
                SELECT clock_timestamp() AS now, $2::jsonb AS payload, $3::int2 AS priority, $4::int4 AS max_attempts,
                       $5::int4 AS attempt_timeout_seconds, coalesce($6::jsonb, '{}') AS more
            ) AS given
        ) AS new
        WHERE id = $1 AND attempt = 0 AND state IN ('scheduled', 'queued')
        RETURNING \(columns(of: "jobs"))
        """)

    /// Pending jobs start no later, and are no less urgent, than others ask of them. The rest of them stays, their
    /// deadlines too. Those that do as asked already are missing from the answer.
    static let hasten = Statement(
        "unique.hasten",
        """
        UPDATE jobs
        SET priority = least(jobs.priority, asked.priority), run_at = least(run_at, starts),
            state = CASE WHEN least(run_at, starts) > now THEN state ELSE 'queued' END
        FROM (
            SELECT id, min(priority)::int2 AS priority, max(now) AS now, min(greatest(now, coalesce(
                now + (more->>'delay')::float8 * interval '1 second', to_timestamp((more->>'at')::float8)))) AS starts
            FROM (
                SELECT *, clock_timestamp() AS now
                FROM unnest($1::uuid[], $2::int4[], $3::jsonb[]) AS given (id, priority, more)
            ) AS timed
            GROUP BY id
        ) AS asked
        WHERE jobs.id = asked.id AND attempt = 0 AND state IN ('scheduled', 'queued')
          AND (asked.priority < jobs.priority OR starts < run_at)
        RETURNING \(columns(of: "jobs"))
        """)
}

extension JobStore {
    /// Accepts jobs in a transaction that writes more, each unless its unique key says otherwise. The transaction may
    /// fail with `PostgresError.isUniqueRace`: then it is to be repeated.
    /// - Returns: what became of each, in the order given.
    package func accept(_ jobs: [NewJob], in transaction: PostgresTransaction) async throws -> [Acceptance] {
        guard jobs.contains(where: { $0.specification.unique != nil }) else {
            return try await write(jobs, in: transaction).map { Acceptance(job: $0, isNew: true) }
        }
        var plan = UniquePlan(try await standing(in: jobs, transaction))
        for job in jobs { plan.add(job) }
        var stands = plan.kept
        for job in try await write(plan.new, in: transaction) { stands[job.id] = job }
        var moved: Set<JobID> = []
        for (id, job) in plan.replaced {
            guard let job = try await replace(id, by: job, in: transaction) else { continue }
            stands[id] = job
            moved.insert(id)
        }
        for job in try await hasten(plan.hastened, in: transaction) {
            stands[job.id] = job
            moved.insert(job.id)
        }
        return try plan.answers.map { answer in
            guard let job = stands[answer.id] else { throw JobStoreError.unreadableRow(column: "id") }
            let isMoved = moved.remove(answer.id) != nil
            return Acceptance(job: job, isNew: answer.isNew, isMoved: isMoved && !answer.isNew)
        }
    }

    private func hasten(_ jobs: [JobID: [NewJob]], in transaction: PostgresTransaction) async throws -> [Job] {
        guard !jobs.isEmpty else { return [] }
        let asked = jobs.flatMap { id, jobs in jobs.map { (id: id, specification: $0.specification) } }
        let parameters: [PostgresValue] = [
            .uuids(asked.map(\.id.uuid)), .int32s(asked.map { Int32($0.specification.priority.rawValue) }),
            .jsons(asked.map { AcceptanceColumn.encode($0.specification) }),
        ]
        return try await transaction.query(Self.hasten, parameters).map(Self.job)
    }

    private func replace(_ id: JobID, by job: NewJob, in transaction: PostgresTransaction) async throws -> Job? {
        let what = job.specification
        let parameters: [PostgresValue] = [
            .uuid(id.uuid), .json(what.payload), .int32(Int32(what.priority.rawValue)),
            .int32(Int32(clamping: what.maxAttempts)), .int32(Int32(clamping: what.attemptTimeoutSeconds)),
            AcceptanceColumn.encode(what).map { .json($0) } ?? .null,
        ]
        return try await transaction.query(Self.replace, parameters).first.map(Self.job)
    }

    /// What stands in the way of the keyed ones among the jobs.
    private func standing(in jobs: [NewJob], _ transaction: PostgresTransaction) async throws -> UniquePlan.Standing {
        var periods: [UniquePlan.Key: Int?] = [:]
        for job in jobs {
            guard let unique = job.specification.unique else { continue }
            let key = UniquePlan.Key(tenant: job.tenant, key: unique.key)
            if let seconds = unique.periodToLookBack { periods[key] = max(seconds, (periods[key] ?? nil) ?? 0) }
            periods[key] = periods[key] ?? .some(nil)
        }
        let keys = Array(periods.keys)
        let parameters: [PostgresValue] = [.uuids(keys.map(\.tenant.uuid)), .texts(keys.map(\.key))]
        _ = try await transaction.query(Self.lockUnique, parameters)
        var standing = UniquePlan.Standing()
        for row in try await transaction.query(Self.lockPending, parameters) {
            standing.pending[try Self.uniqueKey(row)] = try Self.job(row)
        }
        // Read after the locks: a pending job that was claimed meanwhile is seen as running here.
        let looked = keys.compactMap { key in
            standing.pending[key] == nil ? (periods[key] ?? nil).map { (key, $0) } : nil
        }
        guard !looked.isEmpty else { return standing }
        let rows = try await transaction.query(
            Self.earlier,
            [
                .uuids(looked.map(\.0.tenant.uuid)), .texts(looked.map(\.0.key)),
                .int32s(looked.map { Int32(clamping: $0.1) }),
            ])
        for row in rows { standing.earlier[try Self.uniqueKey(row)] = try Self.job(row) }
        return standing
    }

    private static func uniqueKey(_ row: PostgresRow) throws -> UniquePlan.Key {
        UniquePlan.Key(tenant: TenantID(try row.uuid(1)), key: try row.text(columnCount))
    }
}

extension PostgresError {
    /// Two transactions met over a unique key, or over rows in different order: one of them was undone and is to be
    /// repeated.
    package var isUniqueRace: Bool {
        guard case .server(let state, _, _, let constraint) = self else { return false }
        return state == .deadlockDetected
            || (state == .uniqueViolation && constraint == "jobs_one_pending_per_unique_key")
    }
}
