package import Domain
import Postgres

extension JobStore {
    static let promote = Statement(
        "jobs.promote",
        """
        UPDATE jobs SET state = 'queued'
        WHERE id IN (
            SELECT id FROM jobs WHERE state = 'scheduled' AND run_at <= clock_timestamp()
            ORDER BY run_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING id, queue
        """)

    /// `scheduled -> queued` for jobs that are due, at most `limit`. Any number of processes may do this at once.
    package func promote(limit: Int) async throws -> [QueuedJob] {
        try await pool.query(Self.promote, [.int(limit)]).map {
            QueuedJob(id: JobID(try $0.uuid(0)), queue: try $0.queue(1))
        }
    }

    static let overdue = Statement(
        "jobs.overdue",
        """
        SELECT id, seq FROM jobs
        WHERE queue = $1 AND state = 'queued' AND seq > $2
          AND run_at < clock_timestamp() - $3 * interval '1 millisecond'
          AND (ordering_key IS NULL OR NOT EXISTS (
              SELECT FROM jobs AS earlier
              WHERE earlier.tenant_id = jobs.tenant_id AND earlier.ordering_key = jobs.ordering_key
                AND earlier.seq < jobs.seq AND earlier.state IN ('scheduled', 'queued', 'running', 'waiting')))
        ORDER BY seq LIMIT $4
        """)

    /// Jobs of a queue that could have been taken for `graceMilliseconds` already, in order of acceptance after `seq`:
    /// a Redis list should hold each of them.
    package func overdue(
        queue: QueueName, after seq: Int, graceMilliseconds: Int, limit: Int
    ) async throws -> [(id: JobID, seq: Int)] {
        let parameters: [PostgresValue] = [.text(queue.rawValue), .int(seq), .int(graceMilliseconds), .int(limit)]
        return try await pool.query(Self.overdue, parameters).map { (JobID(try $0.uuid(0)), try $0.int(1)) }
    }

    /// A job that is a worker's by its row.
    package struct Held: Sendable, Hashable {
        package var id: JobID
        package var attempt: Int
        package var queue: QueueName
    }

    static let held = Statement(
        "jobs.held",
        """
        SELECT id, attempt, queue FROM jobs
        WHERE worker_id = $1 AND state = 'running' AND started_at < clock_timestamp() - $2 * interval '1 millisecond'
        """)

    /// The jobs a worker has been running for so long, by their rows.
    package func held(by worker: WorkerID, forMilliseconds milliseconds: Int) async throws -> [Held] {
        try await pool.query(Self.held, [.uuid(worker.uuid), .int(milliseconds)]).map {
            Held(id: JobID(try $0.uuid(0)), attempt: try $0.int(1), queue: try $0.queue(2))
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

    /// A job that took its worker down as often as it may is failed: it would take down the next one, too.
    static let rescue = Statement(
        "jobs.rescue",
        """
        UPDATE jobs
        SET worker_id = NULL,
            run_at = clock_timestamp(),
            state = CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
                         WHEN attempts_spent >= max_attempts THEN 'failed' ELSE 'queued' END,
            failure = CASE WHEN cancel_requested_at IS NULL AND attempts_spent >= max_attempts THEN $1::jsonb END,
            finished_at = CASE WHEN cancel_requested_at IS NOT NULL OR attempts_spent >= max_attempts
                               THEN clock_timestamp() END
        WHERE state = 'running' AND NOT EXISTS (SELECT FROM workers WHERE workers.id = jobs.worker_id)
        RETURNING id, queue, state, tenant_id, ordering_key
        """)

    /// A job whose worker is gone.
    package struct Rescued: Sendable {
        package var id: JobID
        package var queue: QueueName
        package var state: JobState
        package var tenant: TenantID
        package var orderingKey: String?
    }

    /// Takes running jobs from workers that are no longer registered: back to their queue, or to their end.
    package func rescue() async throws -> [Rescued] {
        let failure = Failure(
            .permanent, code: "worker_died", message: "The worker died while running this job, on every attempt.")
        return try await pool.query(Self.rescue, [.json(FailureColumn.encode(failure))]).map { row in
            Rescued(
                id: JobID(try row.uuid(0)), queue: try row.queue(1), state: try row.state(2),
                tenant: TenantID(try row.uuid(3)), orderingKey: try row.optionalText(4))
        }
    }
}
