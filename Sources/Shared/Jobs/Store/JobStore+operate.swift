package import Domain
package import FoundationEssentials
import Postgres

/// What operators set. Every change is followed by `JobSignals.settingsChanged`, so that workers know it at once.
extension JobStore {
    static let pauseQueue = Statement(
        "queues.pause",
        """
        INSERT INTO queues AS queue (name, paused_at) VALUES ($1, CASE WHEN $2 THEN now() END)
        ON CONFLICT (name) DO UPDATE
            SET paused_at = CASE WHEN $2 THEN coalesce(queue.paused_at, now()) END, updated_at = now()
        """)

    /// A paused queue hands out no jobs; what runs goes on.
    package func setPaused(_ isPaused: Bool, queue: QueueName) async throws {
        _ = try await pool.execute(Self.pauseQueue, [.text(queue.rawValue), .bool(isPaused)])
    }

    static let limitQueue = Statement(
        "queues.limit",
        """
        INSERT INTO queues (name, max_running) VALUES ($1, $2::int4)
        ON CONFLICT (name) DO UPDATE SET max_running = excluded.max_running, updated_at = now()
        """)

    /// - Parameter maxRunning: over all workers, 1 or more; `nil`: no limit.
    package func setLimit(_ maxRunning: Int?, queue: QueueName) async throws {
        _ = try await pool.execute(
            Self.limitQueue, [.text(queue.rawValue), .optional(maxRunning) { .int32(Int32(clamping: $0)) }])
    }

    static let shareTenant = Statement(
        "tenants.share",
        """
        INSERT INTO tenant_shares AS share (tenant_id, weight, max_running)
        VALUES ($1, coalesce($2, 1), $4::int4)
        ON CONFLICT (tenant_id) DO UPDATE
            SET weight = coalesce($2, share.weight),
                max_running = CASE WHEN $3 THEN $4::int4 ELSE share.max_running END, updated_at = now()
        RETURNING weight, max_running
        """)

    /// How much of every queue a tenant gets in which others wait too.
    package struct TenantShare: Sendable, Equatable {
        package var tenant: TenantID
        package var weight: Double
        package var maxRunning: Int?
    }

    /// What to do with a limit.
    package enum LimitChange: Sendable, Equatable {
        case keep
        /// `nil`: no limit.
        case set(Int?)
    }

    /// - Parameter weight: 0.01 to 100; `nil` leaves it as it is.
    package func setShare(
        of tenant: TenantID, weight: Double?, maxRunning: LimitChange
    ) async throws -> TenantShare {
        var limit: Int?
        if case .set(let value) = maxRunning { limit = value }
        let row = try await pool.query(
            Self.shareTenant,
            [
                .uuid(tenant.uuid), .optional(weight, PostgresValue.double), .bool(maxRunning != .keep),
                .optional(limit) { .int32(Int32(clamping: $0)) },
            ])[0]
        return TenantShare(tenant: tenant, weight: try row.double(0), maxRunning: try row.optionalInt(1))
    }

    static let listShares = Statement(
        "tenants.list", "SELECT tenant_id, weight, max_running FROM tenant_shares ORDER BY tenant_id LIMIT $1")

    /// Tenants with settings of their own.
    package func shares() async throws -> [TenantShare] {
        try await pool.query(Self.listShares, [.int(Self.maxSettings)]).map { row in
            TenantShare(
                tenant: TenantID(try row.uuid(0)), weight: try row.double(1), maxRunning: try row.optionalInt(2))
        }
    }

    static let setClassLimit = Statement(
        "limits.set",
        """
        INSERT INTO concurrency_limits (class, max_running) VALUES ($1, $2::int4)
        ON CONFLICT (class) DO UPDATE SET max_running = excluded.max_running, updated_at = now()
        """)
    static let removeClassLimit = Statement("limits.remove", "DELETE FROM concurrency_limits WHERE class = $1")
    static let listClassLimits = Statement(
        "limits.list", "SELECT class, max_running FROM concurrency_limits ORDER BY class LIMIT $1")

    /// How many jobs with the same concurrency key of a class may run.
    package func setLimit(_ maxRunning: Int, class name: String) async throws {
        _ = try await pool.execute(Self.setClassLimit, [.text(name), .int32(Int32(clamping: maxRunning))])
    }

    /// False: there was none.
    package func removeLimit(class name: String) async throws -> Bool {
        try await pool.execute(Self.removeClassLimit, [.text(name)]) == 1
    }

    package func classLimits() async throws -> [(name: String, maxRunning: Int)] {
        try await pool.query(Self.listClassLimits, [.int(Self.maxSettings)]).map { (try $0.text(0), try $0.int(1)) }
    }

    static let listGates = Statement(
        "gates.list",
        """
        SELECT key, closed_until, code, closed_at FROM gates WHERE closed_until > clock_timestamp()
        ORDER BY key LIMIT $1
        """)

    /// A provider's quota that is used up at this moment.
    package struct ClosedGate: Sendable, Equatable {
        package var key: String
        package var closedUntil: Date
        package var code: String
        package var closedAt: Date
    }

    package func closedGates() async throws -> [ClosedGate] {
        try await pool.query(Self.listGates, [.int(Self.maxSettings)]).map { row in
            ClosedGate(
                key: try row.text(0), closedUntil: try row.timestamp(1), code: try row.text(2),
                closedAt: try row.timestamp(3))
        }
    }

    static let openGate = Statement(
        "gates.open",
        "UPDATE gates SET closed_until = clock_timestamp() WHERE key = $1 AND closed_until > clock_timestamp()")

    static let releaseGated = Statement(
        "gates.release",
        """
        UPDATE jobs SET run_at = clock_timestamp()
        WHERE id IN (
            SELECT id FROM jobs WHERE state = 'scheduled' AND gate = $1 AND run_at > clock_timestamp()
            ORDER BY run_at LIMIT $2 FOR UPDATE SKIP LOCKED)
        """)

    /// Opens a gate before its time, and makes what it held back due, at most `limit` jobs at once; workers queue them.
    /// - Returns: how many jobs that were; `nil`: the gate was not closed.
    package func openGate(_ key: String, limit: Int = 10_000) async throws -> Int? {
        try await pool.transaction { transaction in
            guard try await transaction.execute(Self.openGate, [.text(key)]) == 1 else { return nil }
            return try await transaction.execute(Self.releaseGated, [.text(key), .int(limit)])
        }
    }

    static let listSchedules = Statement(
        "schedules.all",
        """
        SELECT id, tenant_id, name, rule, time_zone, paused_at IS NOT NULL, next_at, last_fired_at, last_job_id,
               coalesced
        FROM schedules ORDER BY tenant_id, name LIMIT $1
        """)

    /// A schedule as operators see it.
    package struct ScheduleLine: Sendable {
        package var id: ScheduleID
        package var tenant: TenantID
        package var name: String
        package var rule: String
        package var timeZone: String
        package var isPaused: Bool
        package var nextAt: Date
        package var lastFiredAt: Date?
        package var lastJob: JobID?
        package var coalesced: Int
    }

    /// The schedules of all tenants.
    package func allSchedules(limit: Int) async throws -> [ScheduleLine] {
        try await pool.query(Self.listSchedules, [.int(limit)]).map { row in
            ScheduleLine(
                id: ScheduleID(try row.uuid(0)), tenant: TenantID(try row.uuid(1)), name: try row.text(2),
                rule: try row.text(3), timeZone: try row.text(4), isPaused: try row.bool(5),
                nextAt: try row.timestamp(6), lastFiredAt: try row.optionalTimestamp(7),
                lastJob: try row.optionalUUID(8).map { JobID($0) }, coalesced: try row.int(9))
        }
    }
}
