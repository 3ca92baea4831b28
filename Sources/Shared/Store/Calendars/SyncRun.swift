package import Domain
import Postgres

extension Calendars {
    /// A reading of a calendar's events, from its beginning to its end.
    package struct SyncRun: Sendable {
        /// As it was at the beginning.
        package var calendar: MirroredCalendar
        /// What to ask the provider for changes with. `nil`: everything is to be read.
        package var token: String?
        /// The number of the reading: one with a greater number has overtaken it.
        package var generation: Int
        /// Whether no other reading may write any more.
        package var isClaimed = true

        package var isFull: Bool { token == nil }

        /// What its rows are marked with. Of two readings no one has the same, so that what one of them deleted is no
        /// news of the other's.
        var mark: Int { isClaimed ? generation : generation + 1 }

        /// - Parameter row: of `begin`.
        init(_ row: PostgresRow) throws {
            calendar = try MirroredCalendar(row)
            token = try row.optionalText(MirroredCalendar.columnCount)
            generation = try row.int(MirroredCalendar.columnCount + 1)
        }
    }

    static let peek = Statement(
        "calendars.peek",
        """
        SELECT \(MirroredCalendar.columns), sync_token, generation FROM calendars WHERE tenant_id = $1 AND id = $2
        """)

    /// Begins a reading of what changed without writing anything, which is enough as long as it is one page: the token
    /// that its end replaces is the fence, and its end numbers it. `claim` it before a page that is not the last.
    /// - Returns: `nil` when everything is to be read: `beginSync`.
    package func peek(_ id: CalendarID, tenant: TenantID) async throws -> SyncRun? {
        let rows = try await pool.query(Self.peek, Self.name(id, tenant), settings: RowAccess.tenant(tenant))
        guard let row = rows.first else { throw CalendarError.notFound }
        var run = try SyncRun(row)
        run.isClaimed = false
        return run.isFull ? nil : run
    }

    static let claim = Statement(
        "calendars.claim",
        """
        UPDATE calendars SET generation = generation + 1
        WHERE tenant_id = $1 AND id = $2 AND generation = $3 AND sync_token IS NOT DISTINCT FROM $4::text
        RETURNING \(MirroredCalendar.columns), sync_token, generation
        """)

    /// Every other reading of the same calendar is over. Pages that an older reading stored before this are replaced by
    /// this one's, which are newer; after it there are none.
    /// - Throws: `superseded`.
    package func claim(_ run: SyncRun) async throws -> SyncRun {
        let rows = try await pool.query(Self.claim, run.fence, settings: RowAccess.tenant(run.calendar.tenant))
        guard let row = rows.first else { throw CalendarError.superseded }
        return try SyncRun(row)
    }

    /// A full reading gives the token up: should it be abandoned, the next one is full as well.
    static let begin = Statement(
        "calendars.begin",
        """
        UPDATE calendars SET generation = generation + 1, sync_token = CASE WHEN $3 THEN NULL ELSE sync_token END
        WHERE tenant_id = $1 AND id = $2
        RETURNING \(MirroredCalendar.columns), sync_token, generation
        """)

    /// Begins a reading of a calendar's events; every other one of the same calendar is over.
    /// - Parameter full: of everything, though what changed would do.
    package func beginSync(_ id: CalendarID, tenant: TenantID, full: Bool) async throws -> SyncRun {
        let rows = try await pool.query(
            Self.begin, Self.name(id, tenant) + [.bool(full)], settings: RowAccess.tenant(tenant))
        guard let row = rows.first else { throw CalendarError.notFound }
        return try SyncRun(row)
    }

    /// Everything that changes a calendar's events holds its row first, so changes are numbered in the order in which
    /// they commit.
    static let hold = Statement(
        "calendars.hold",
        """
        SELECT version, event_count FROM calendars
        WHERE tenant_id = $1 AND id = $2 AND generation = $3 AND sync_token IS NOT DISTINCT FROM $4::text
        FOR NO KEY UPDATE
        """)

    /// - Throws: `superseded`.
    func hold(_ run: SyncRun, in transaction: PostgresTransaction) async throws -> EventTally {
        let rows = try await transaction.query(Self.hold, run.fence)
        guard let row = rows.first else { throw CalendarError.superseded }
        return EventTally(version: try row.int(0), eventCount: try row.int(1))
    }
}

extension Calendars.SyncRun {
    var name: [PostgresValue] { Calendars.name(calendar.id, calendar.tenant) }

    /// What a calendar's row must still say: `$1` to `$4` of whatever changes it.
    var fence: [PostgresValue] { name + [.int(generation), .optional(token, PostgresValue.text)] }
}

/// What changes in a calendar's row as its events change.
struct EventTally: Equatable {
    /// The number of the last change.
    var version: Int
    /// Events that are not deleted.
    var eventCount: Int
    /// Events that changed since the row was held.
    var changed = 0

    init(version: Int, eventCount: Int) {
        self.version = version
        self.eventCount = eventCount
    }

    mutating func count(changed: Int, added: Int) {
        version += changed
        self.changed += changed
        eventCount += added
    }

    var values: [PostgresValue] { [.int(version), .int(eventCount)] }
}
