package import Domain
package import Postgres

extension Calendars {
    static let holdList = Statement(
        "calendar_lists.hold",
        """
        SELECT 1 FROM calendar_lists
        WHERE tenant_id = $1 AND connection_id = $2 AND generation = $3 AND sync_token IS NOT DISTINCT FROM $4::text
        FOR NO KEY UPDATE
        """)

    /// With this role events cannot be read:
    /// https://developers.google.com/workspace/calendar/api/v3/reference/calendarList#accessRole
    static let freeBusyReader = "freeBusyReader"

    private static let isBack = """
        old.state = 'unavailable' AND (
            excluded.access_role <> '\(freeBusyReader)' OR old.reason = '\(UnavailableReason.notListed)')
        """

    /// A zone that is not told stays as it was. What was unavailable and can be read is read from its beginning.
    static let storeListed = Statement(
        "calendars.store_listed",
        """
        WITH page AS (
            SELECT * FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                                 $11::bool[], $12::bool[]) WITH ORDINALITY
                AS page (id, external_id, title, description, time_zone, color, access_role, is_primary, is_shown,
                         place)
        ), ranked AS (
            SELECT page.*, old.id IS NOT NULL AS is_known, old.time_zone AS old_time_zone,
                   row_number() OVER (PARTITION BY old.id IS NULL ORDER BY NOT page.is_primary, place) AS rank
            FROM page LEFT JOIN calendars AS old
                ON old.tenant_id = $1 AND old.connection_id = $2 AND old.external_id = page.external_id
        )
        INSERT INTO calendars AS old (
            id, tenant_id, connection_id, external_id, title, description, time_zone, color, access_role, is_primary,
            is_selected, list_generation)
        SELECT id, $1, $2, external_id, title, description, coalesce(time_zone, old_time_zone, 'UTC'), color,
               access_role, is_primary, is_shown, $3
        FROM ranked
        WHERE is_known OR rank <= \(maxPerConnection) - (
            SELECT count(*) FROM calendars WHERE tenant_id = $1 AND connection_id = $2)
        ON CONFLICT (tenant_id, connection_id, external_id) DO UPDATE SET
            title = excluded.title, description = excluded.description, time_zone = excluded.time_zone,
            color = excluded.color, access_role = excluded.access_role, is_primary = excluded.is_primary,
            list_generation = excluded.list_generation,
            state = CASE WHEN \(isBack) THEN 'pending' ELSE old.state END,
            reason = CASE WHEN \(isBack) THEN NULL ELSE old.reason END,
            lost_at = CASE WHEN \(isBack) THEN NULL ELSE old.lost_at END
        """)

    /// Those that cannot be read any more, and why: `$5` names those that the page says are gone; at the end of a full
    /// reading, `$4`, those that it has not seen are gone too.
    static let vanished = Statement(
        "calendars.vanished",
        """
        SELECT id, reason FROM (
            SELECT id, state, reason AS old_reason, CASE
                WHEN external_id = ANY ($5) OR $4 AND list_generation < $3 THEN '\(UnavailableReason.notListed)'
                WHEN access_role = '\(freeBusyReader)' THEN '\(UnavailableReason.freeBusyOnly)'
                END AS reason
            FROM calendars WHERE tenant_id = $1 AND connection_id = $2
        ) AS found
        WHERE reason IS NOT NULL AND (state <> 'unavailable' OR old_reason IS DISTINCT FROM reason)
          AND (old_reason IS DISTINCT FROM '\(UnavailableReason.notListed)')
        ORDER BY id
        """)

    /// Stores a page of a list that is not the last one. Doing so again changes nothing.
    /// - Throws: `superseded`.
    package func apply(_ calendars: [ListedCalendar], of run: ListRun) async throws {
        try await pool.transaction(settings: RowAccess.tenant(run.tenant)) { transaction in
            try await write(calendars, of: run, isLast: false, in: transaction)
        }
    }

    static let finishList = Statement(
        "calendar_lists.finish",
        """
        UPDATE calendar_lists SET sync_token = $5, synced_at = now(), next_sync_at = now() + $6 * interval '1 second'
        WHERE tenant_id = $1 AND connection_id = $2 AND generation = $3 AND sync_token IS NOT DISTINCT FROM $4::text
        """)

    static let unread = Statement(
        "calendars.unread",
        """
        SELECT id FROM calendars
        WHERE tenant_id = $1 AND connection_id = $2 AND is_selected AND (state = 'pending' OR $3 AND state = 'ready')
        ORDER BY NOT is_primary, id
        """)

    /// Stores the last page of a list, puts away calendars that a full reading has not seen, and keeps the new token,
    /// in a transaction that acts for the workspace.
    /// - Parameter all: somebody asked for all of them.
    /// - Returns: calendars that have never been read to their end, or not since they became readable again, or all
    ///   that can be read; the primary one first.
    /// - Throws: `superseded`.
    package func finish(
        _ calendars: [ListedCalendar], of run: ListRun, token: String, nextInSeconds: Double, all: Bool = false,
        in transaction: PostgresTransaction
    ) async throws -> [CalendarID] {
        try await write(calendars, of: run, isLast: true, in: transaction)
        let values: [PostgresValue] = [.text(token), .double(nextInSeconds)]
        guard try await transaction.execute(Self.finishList, run.fence + values) == 1 else {
            throw CalendarError.superseded
        }
        return try await transaction.query(Self.unread, run.name + [.bool(all)]).map { CalendarID(try $0.uuid(0)) }
    }

    private func write(
        _ calendars: [ListedCalendar], of run: ListRun, isLast: Bool, in transaction: PostgresTransaction
    ) async throws {
        guard try await transaction.query(Self.holdList, run.fence).count == 1 else { throw CalendarError.superseded }
        let rows = ListedRows(calendars)
        if !rows.isEmpty {
            _ = try await transaction.execute(Self.storeListed, run.name + [.int(run.generation)] + rows.values)
        }
        let gone = calendars.filter(\.isDeleted).map(\.id).filter(StoredText.accepts)
        let vanished = try await transaction.query(
            Self.vanished, run.name + [.int(run.generation), .bool(isLast && run.isFull), .texts(gone)])
        for row in vanished {
            try await withdraw(
                CalendarID(try row.uuid(0)), of: run.tenant, reason: try row.text(1), in: transaction)
        }
    }

    /// Overtakes whoever reads it.
    private func withdraw(
        _ id: CalendarID, of tenant: TenantID, reason: String, in transaction: PostgresTransaction
    ) async throws {
        let rows = try await transaction.query(Self.begin, Self.name(id, tenant) + [.bool(true)])
        guard let row = rows.first else { return }
        try await lose(SyncRun(row), reason: reason, in: transaction)
    }
}
