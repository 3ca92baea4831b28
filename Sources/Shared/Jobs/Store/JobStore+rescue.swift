import Domain
import Postgres

extension JobStore {
    /// A job that has taken `$1` workers down is quarantined: it would take down the next one, too. A worker that was
    /// buried and came back (`survived_at`) was not taken down. The start is given back, deaths being counted apart,
    /// but
    /// not for ever (`$3`).
    static let rescue = Statement(
        "jobs.rescue",
        """
        WITH lost AS (
            SELECT jobs.id, jobs.worker_id,
                   jobs.attempt - jobs.attempts_spent >= $3 AND jobs.attempts_spent >= jobs.max_attempts AS is_spent,
                   coalesce(jobs.deaths, '[]') || CASE WHEN grave.id IS NULL THEN '[]'::jsonb
                ELSE jsonb_build_array(jsonb_build_object(
                    'worker', grave.id, 'host', grave.host, 'pid', grave.pid, 'attempt', jobs.attempt,
                    'started_at', jobs.started_at, 'buried_at', grave.buried_at)) END AS deaths
            FROM jobs LEFT JOIN buried_workers AS grave ON grave.id = jobs.worker_id
            WHERE jobs.state = 'running' AND NOT EXISTS (SELECT FROM workers WHERE workers.id = jobs.worker_id)
        ), judged AS (
            SELECT *, (
                SELECT count(*) FROM jsonb_array_elements(deaths) AS death
                JOIN buried_workers ON buried_workers.id = (death->>'worker')::uuid
                WHERE survived_at IS NULL) >= $1 OR is_spent AS is_over
            FROM lost
        )
        UPDATE jobs AS job
        SET worker_id = NULL, run_at = clock_timestamp(), deaths = nullif(judged.deaths, '[]'),
            attempts_spent = job.attempts_spent - CASE WHEN job.attempt - job.attempts_spent < $3 THEN 1 ELSE 0 END,
            state = CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
                         WHEN is_over THEN 'failed' ELSE 'queued' END,
            failure = CASE WHEN cancel_requested_at IS NULL AND is_over THEN $2::jsonb END,
            finished_at = CASE WHEN cancel_requested_at IS NOT NULL OR is_over THEN clock_timestamp() END
        FROM judged
        WHERE job.id = judged.id AND job.state = 'running' AND job.worker_id = judged.worker_id
        RETURNING job.id, job.queue, job.tenant_id, job.priority, job.state, job.ordering_key, job.concurrency_key,
                  job.batch_id
        """)

    /// Takes running jobs from workers that are no longer registered: back to their queue, or to their end.
    /// - Parameter quarantineAfter: how many dead workers make a job fail.
    package func rescue(quarantineAfter: Int) async throws -> [JobTransition] {
        let failure = Failure(
            .permanent, code: "worker_died",
            message: "\(quarantineAfter) workers died while they ran this job. It is kept away from the others.")
        let parameters: [PostgresValue] = [
            .int(quarantineAfter), .json(FailureColumn.encode(failure)), .int(Settlement.maxRefunds),
        ]
        return try await pool.query(Self.rescue, parameters).map(Self.transition)
    }

    static let expire = Statement(
        "jobs.expire",
        """
        WITH unstarted AS (
            SELECT id, 'expired' AS code FROM jobs
            WHERE start_by <= clock_timestamp() AND state IN ('scheduled', 'queued') AND attempt = 0
            ORDER BY start_by LIMIT $1 FOR UPDATE SKIP LOCKED
        ), unended AS (
            SELECT id, 'deadline_exceeded' AS code FROM jobs
            WHERE finish_by <= clock_timestamp() AND state IN ('scheduled', 'queued', 'waiting')
            ORDER BY finish_by LIMIT $1 FOR UPDATE SKIP LOCKED
        ), late AS (
            SELECT id, max(code) AS code
            FROM (SELECT * FROM unstarted UNION ALL SELECT * FROM unended) AS found GROUP BY id
        )
        UPDATE jobs AS job
        SET state = 'failed', finished_at = clock_timestamp(),
            failure = CASE late.code WHEN 'expired' THEN $2::jsonb ELSE $3::jsonb END
        FROM late
        WHERE job.id = late.id AND job.state IN ('scheduled', 'queued', 'waiting')
        RETURNING job.id, job.queue, job.tenant_id, job.priority, job.state, job.ordering_key, job.concurrency_key,
                  job.batch_id
        """)

    /// Fails jobs that did not start, or end, in time; at most `limit` of each.
    package func expire(limit: Int) async throws -> [JobTransition] {
        let expired = Failure(.permanent, code: "expired", message: "The job did not start in the time it was given.")
        let overdue = Failure(
            .permanent, code: Failure.deadlineExceeded, message: "The job did not end in the time it was given.")
        let parameters: [PostgresValue] = [
            .int(limit), .json(FailureColumn.encode(expired)), .json(FailureColumn.encode(overdue)),
        ]
        return try await pool.query(Self.expire, parameters).map(Self.transition)
    }

    /// Reads id, queue, tenant, priority, state, ordering key, concurrency key and batch.
    static func transition(_ row: PostgresRow) throws -> JobTransition {
        JobTransition(
            job: try queued(row), state: try row.state(4), orderingKey: try row.optionalText(5),
            concurrencyKey: try row.optionalText(6), batch: try row.optionalUUID(7).map { BatchID($0) })
    }
}
