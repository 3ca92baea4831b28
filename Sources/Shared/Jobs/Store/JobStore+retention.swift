import Domain
import FoundationEssentials
import Postgres

/// How long what has ended is kept, in hours.
package struct RetentionPeriods: Sendable, Equatable {
    package var succeeded = 7 * 24
    package var cancelled = 7 * 24
    package var failed = 30 * 24
    /// Counted from the moment somebody discarded it.
    package var discarded = 24
    /// Buried workers, gates that are open again, and batches that have ended.
    package var records = 7 * 24

    package init() {}

    /// A day, so that an Idempotency-Key never outlives its job, to ten years.
    package static let limits = 24...87_600

    var shortest: Int { min(succeeded, cancelled, failed, discarded) }
}

extension JobStore {
    /// Whether a job has ended so long ago that nobody needs it any more. `$1` to `$4`: hours.
    private static let isOver = """
        (job.state = 'succeeded' AND job.finished_at < clock_timestamp() - $1 * interval '1 hour'
         OR job.state = 'cancelled' AND job.finished_at < clock_timestamp() - $2 * interval '1 hour'
         OR job.state = 'failed' AND job.discarded_at IS NULL
            AND job.finished_at < clock_timestamp() - $3 * interval '1 hour'
         OR job.state = 'failed' AND job.discarded_at < clock_timestamp() - $4 * interval '1 hour')
        """

    /// Looks at the next `$7` jobs in the order in which they were made (ids are UUIDv7), from `$5` up to `$6`, and
    /// deletes those that are over. Whether one is over is asked again once its row is locked, so that one that is
    /// retried this moment stays; a row that somebody holds is left for the next walk.
    static let pruneJobs = Statement(
        "retention.jobs",
        """
        WITH page AS MATERIALIZED (
            SELECT job.id, \(isOver) AS is_over FROM (
                SELECT id, state, finished_at, discarded_at FROM jobs
                WHERE id > $5 AND id < $6 ORDER BY id LIMIT $7) AS job
        ),
        gone AS (
            DELETE FROM jobs WHERE id IN (
                SELECT job.id FROM jobs AS job
                WHERE job.id = ANY (ARRAY(SELECT id FROM page WHERE is_over)) AND \(isOver) FOR UPDATE SKIP LOCKED)
            RETURNING id
        ),
        histories AS (DELETE FROM job_retries WHERE job_id = ANY (ARRAY(SELECT id FROM gone)))
        SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM page),
               (SELECT id FROM page ORDER BY id DESC LIMIT 1)
        """)

    static let pruneTurn = Statement(
        "retention.turn",
        "SELECT position FROM prunings WHERE next_at <= clock_timestamp() OR $1 FOR UPDATE SKIP LOCKED")

    /// After a walk: ten minutes of walking are followed by more than three hours without, and a second by a minute.
    static let pruneStep = Statement(
        "retention.step",
        """
        UPDATE prunings SET
            position = coalesce($1::uuid, '00000000-0000-0000-0000-000000000000'), pruned = pruned + $2,
            started_at = CASE WHEN position = '00000000-0000-0000-0000-000000000000' THEN now() ELSE started_at END,
            next_at = clock_timestamp() + CASE WHEN $1::uuid IS NULL
                THEN greatest(interval '1 minute', 20 * (clock_timestamp() - started_at))
                ELSE $3 * interval '1 millisecond' END
        """)

    /// What one step of pruning did.
    package struct Pruning: Sendable, Equatable {
        package var looked: Int
        package var pruned: Int
        /// There are no more old jobs: the next step begins from the start.
        package var isEnd: Bool
        /// It began at the oldest job.
        package var isStart: Bool
        /// How long the database had to work.
        package var took: Duration
    }

    /// Jobs looked at by one step.
    package static let prunePage = 1_000
    /// After each step all workers together rest so many times what it took.
    private static let pruneRest = 3

    /// Looks at the next page of jobs behind the place that the last step reached, whoever made that, and deletes what
    /// is over. What is kept is read once a walk, not once a step. Blocks nobody, and any number of processes may call
    /// it: the place's row is only taken when nobody holds it and its time has come.
    /// - Parameter isForced: without waiting for that time.
    /// - Returns: `nil` when it is somebody else's turn, or nobody's yet.
    package func prune(_ periods: RetentionPeriods, isForced: Bool = false) async throws -> Pruning? {
        let border = Self.firstID(at: Date() - Double(periods.shortest) * 3600)
        let started = ContinuousClock.now
        return try await pool.transaction { transaction in
            guard let turn = try await transaction.query(Self.pruneTurn, [.bool(isForced)]).first else { return nil }
            let row = try await transaction.query(
                Self.pruneJobs,
                [
                    .int(periods.succeeded), .int(periods.cancelled), .int(periods.failed), .int(periods.discarded),
                    .uuid(try turn.uuid(0)), .uuid(border.uuid), .int(Self.prunePage),
                ])[0]
            let (pruned, looked) = (try row.int(0), try row.int(1))
            let isStart = try turn.uuid(0) == Self.firstID(at: .distantPast).uuid
            let isEnd = looked < Self.prunePage
            let took = ContinuousClock.now - started
            _ = try await transaction.execute(
                Self.pruneStep,
                [
                    isEnd ? .null : .optional(try row.optionalUUID(2), PostgresValue.uuid), .int(pruned),
                    .double(took / .milliseconds(1) * Double(Self.pruneRest)),
                ])
            return Pruning(looked: looked, pruned: pruned, isEnd: isEnd, isStart: isStart, took: took)
        }
    }

    /// Sorts before every id that is made at that moment or later.
    static func firstID(at date: Date) -> JobID {
        var random = SystemRandomNumberGenerator()
        var bytes = JobID.make(at: date, random: &random).uuid.uuid
        withUnsafeMutableBytes(of: &bytes) { bytes in for index in 6..<16 { bytes[index] = 0 } }
        return JobID(UUID(uuid: bytes))
    }

    static let pruneBatches = Statement(
        "retention.batches",
        """
        DELETE FROM batches WHERE id IN (
            SELECT id FROM batches WHERE id < $1 AND finished_at < clock_timestamp() - $2 * interval '1 hour'
            ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED)
        """)

    static let pruneGraves = Statement(
        "retention.buried_workers",
        """
        DELETE FROM buried_workers WHERE id IN (
            SELECT id FROM buried_workers WHERE buried_at < clock_timestamp() - $1 * interval '1 hour'
            LIMIT $2 FOR UPDATE SKIP LOCKED)
        """)

    static let pruneGates = Statement(
        "retention.gates",
        """
        DELETE FROM gates WHERE key IN (
            SELECT key FROM gates WHERE closed_until < clock_timestamp() - $1 * interval '1 hour'
            LIMIT $2 FOR UPDATE SKIP LOCKED)
        """)

    /// Deletes what else is over, at most `prunePage` of each. Returns how many rows.
    package func pruneRecords(_ periods: RetentionPeriods) async throws -> Int {
        let (hours, limit) = (PostgresValue.int(periods.records), PostgresValue.int(Self.prunePage))
        let border = Self.firstID(at: Date() - Double(periods.records) * 3600)
        var count = try await pool.execute(Self.pruneBatches, [.uuid(border.uuid), hours, limit])
        count += try await pool.execute(Self.pruneGraves, [hours, limit])
        count += try await pool.execute(Self.pruneGates, [hours, limit])
        return count
    }
}
