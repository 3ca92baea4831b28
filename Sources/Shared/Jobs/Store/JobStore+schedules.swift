package import Domain
package import FoundationEssentials
import Postgres

extension JobStore {
    private static let scheduleColumns = """
        id, tenant_id, name, rule, time_zone, specification, paused_at IS NOT NULL, next_at, last_fired_at,
        last_job_id, coalesced, created_at, updated_at
        """

    /// The most schedules of a tenant.
    package static let maxSchedules = 1_000

    /// A schedule that keeps its rule keeps its next tick as well, also one that is due and not fired yet.
    static let putSchedule = Statement(
        "schedules.put",
        """
        INSERT INTO schedules AS schedule (id, tenant_id, name, rule, time_zone, specification, next_at)
        SELECT $1::uuid, $2::uuid, $3::text, $4::text, $5::text, $6::jsonb, $7::timestamptz
        WHERE EXISTS (SELECT FROM schedules WHERE tenant_id = $2 AND name = $3)
            OR (SELECT count(*) FROM schedules WHERE tenant_id = $2) < $8
        ON CONFLICT (tenant_id, name) DO UPDATE SET
            rule = excluded.rule, time_zone = excluded.time_zone, specification = excluded.specification,
            next_at = CASE WHEN (schedule.rule, schedule.time_zone) = (excluded.rule, excluded.time_zone)
                THEN schedule.next_at ELSE excluded.next_at END,
            updated_at = now()
        RETURNING \(scheduleColumns), xmax = 0
        """)

    /// Writes a schedule, in place of the one of that name if there is one, which stays paused if it was.
    /// - Parameter nextAt: the first tick of the rule.
    /// - Returns: the schedule, and whether it is new. `nil`: the tenant has as many as it may.
    package func putSchedule(
        _ name: ScheduleName, tenant: TenantID, rule: String, timeZone: String, specification: JobSpecification,
        nextAt: Date
    ) async throws -> (schedule: Schedule, isNew: Bool)? {
        let parameters: [PostgresValue] = [
            .uuid(ScheduleID.make().uuid), .uuid(tenant.uuid), .text(name.rawValue), .text(rule), .text(timeZone),
            .json(try SpecificationColumn.encode(specification)), .timestamp(nextAt), .int(Self.maxSchedules),
        ]
        return try await pool.query(Self.putSchedule, parameters, settings: Self.acting(for: tenant)).first.map {
            (try Self.schedule($0), try $0.bool(13))
        }
    }

    static let findSchedule = Statement(
        "schedules.find", "SELECT \(scheduleColumns) FROM schedules WHERE tenant_id = $1 AND name = $2")

    /// `nil` when the tenant has none of that name.
    package func findSchedule(_ name: ScheduleName, tenant: TenantID) async throws -> Schedule? {
        try await pool.query(
            Self.findSchedule, [.uuid(tenant.uuid), .text(name.rawValue)], settings: Self.acting(for: tenant)
        ).first.map(Self.schedule)
    }

    static let schedules = Statement(
        "schedules.list", "SELECT \(scheduleColumns) FROM schedules WHERE tenant_id = $1 ORDER BY name")

    /// All of a tenant's, by name.
    package func schedules(of tenant: TenantID) async throws -> [Schedule] {
        try await pool.query(Self.schedules, [.uuid(tenant.uuid)], settings: Self.acting(for: tenant))
            .map(Self.schedule)
    }

    static let deleteSchedule = Statement(
        "schedules.delete", "DELETE FROM schedules WHERE tenant_id = $1 AND name = $2")

    /// The jobs it made stay. False: there was none of that name.
    package func deleteSchedule(_ name: ScheduleName, tenant: TenantID) async throws -> Bool {
        try await pool.execute(
            Self.deleteSchedule, [.uuid(tenant.uuid), .text(name.rawValue)], settings: Self.acting(for: tenant)) == 1
    }

    static let pauseSchedule = Statement(
        "schedules.pause",
        """
        UPDATE schedules SET
            paused_at = CASE WHEN $3::timestamptz IS NULL THEN coalesce(paused_at, now()) END,
            next_at = CASE WHEN paused_at IS NULL THEN next_at ELSE coalesce($3, next_at) END, updated_at = now()
        WHERE tenant_id = $1 AND name = $2
        RETURNING \(scheduleColumns)
        """)

    /// Stops a schedule, or lets it go on.
    /// - Parameter resumingAt: the tick it goes on with: what passed in a pause is not made good. `nil` pauses it.
    /// - Returns: `nil` when the tenant has none of that name.
    package func pauseSchedule(
        _ name: ScheduleName, tenant: TenantID, resumingAt nextAt: Date?
    ) async throws -> Schedule? {
        try await pool.query(
            Self.pauseSchedule,
            [.uuid(tenant.uuid), .text(name.rawValue), nextAt.map { .timestamp($0) } ?? .null],
            settings: Self.acting(for: tenant)
        ).first.map(Self.schedule)
    }

    /// Whoever locks a schedule's row fires it; the others pass it by.
    static let dueSchedules = Statement(
        "schedules.due",
        """
        SELECT \(scheduleColumns), coalesce($1, clock_timestamp()) FROM schedules
        WHERE paused_at IS NULL AND next_at <= coalesce($1, clock_timestamp())
        ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED
        """)

    /// A schedule that is due, locked until the transaction ends.
    struct DueSchedule: Sendable {
        var id: ScheduleID
        /// `nil`: this version cannot read it.
        var schedule: Schedule?
        /// By the database's clock: there is one for all schedulers.
        var now: Date
    }

    /// - Parameter now: in place of the database's clock.
    func dueSchedules(now: Date?, limit: Int, in transaction: PostgresTransaction) async throws -> [DueSchedule] {
        try await transaction.query(Self.dueSchedules, [now.map { .timestamp($0) } ?? .null, .int(limit)]).map { row in
            DueSchedule(
                id: ScheduleID(try row.uuid(0)), schedule: try? Self.schedule(row), now: try row.timestamp(13))
        }
    }

    static let advanceSchedules = Statement(
        "schedules.advance",
        """
        UPDATE schedules SET
            next_at = step.next_at, coalesced = coalesced + step.missed,
            last_fired_at = coalesce(step.fired_at, last_fired_at), last_job_id = coalesce(step.job_id, last_job_id)
        FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::int8[], $5::uuid[])
            AS step (id, next_at, fired_at, missed, job_id)
        WHERE schedules.id = step.id
        """)

    /// What a schedule did at one moment.
    struct ScheduleAdvance: Sendable {
        var id: ScheduleID
        var nextAt: Date
        /// The tick that was fired, if one was.
        var firedAt: Date?
        var missed = 0
        var job: JobID?
    }

    func advance(_ steps: [ScheduleAdvance], in transaction: PostgresTransaction) async throws {
        guard !steps.isEmpty else { return }
        _ = try await transaction.execute(
            Self.advanceSchedules,
            [
                .uuids(steps.map(\.id.uuid)), .timestamps(steps.map(\.nextAt)), .timestamps(steps.map(\.firedAt)),
                .ints(steps.map(\.missed)), .optionalUUIDs(steps.map { $0.job?.uuid }),
            ])
    }

    static let noteFired = Statement(
        "schedules.note_fired", "UPDATE schedules SET last_job_id = $3 WHERE tenant_id = $1 AND name = $2")

    /// A person had the schedule make a job out of turn.
    func noteFired(
        _ name: ScheduleName, tenant: TenantID, job: JobID, in transaction: PostgresTransaction
    ) async throws {
        _ = try await transaction.execute(Self.noteFired, [.uuid(tenant.uuid), .text(name.rawValue), .uuid(job.uuid)])
    }

    private static func schedule(_ row: PostgresRow) throws -> Schedule {
        guard let name = ScheduleName(try row.text(2)) else { throw JobStoreError.unreadableRow(column: "name") }
        return Schedule(
            id: ScheduleID(try row.uuid(0)), tenant: TenantID(try row.uuid(1)), name: name, rule: try row.text(3),
            timeZone: try row.text(4), specification: try SpecificationColumn.decode(row.json(5)),
            isPaused: try row.bool(6), nextAt: try row.timestamp(7), lastFiredAt: try row.optionalTimestamp(8),
            lastJob: try row.optionalUUID(9).map { JobID($0) }, coalesced: try row.int(10),
            createdAt: try row.timestamp(11), updatedAt: try row.timestamp(12))
    }
}
