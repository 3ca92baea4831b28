package import Domain
package import Postgres

extension Calendars {
    static let tally = Statement(
        "calendars.tally",
        """
        UPDATE calendars SET version = $5, event_count = $6
        WHERE tenant_id = $1 AND id = $2 AND generation = $3 AND sync_token IS NOT DISTINCT FROM $4::text
        """)

    /// Stores a page that is not the last one, of a claimed reading. Doing so again changes nothing.
    /// - Returns: how many events changed.
    /// - Throws: `superseded`; `tooManyEvents`, and nothing is stored.
    @discardableResult
    package func apply(_ events: [CalendarEvent], of run: SyncRun) async throws -> Int {
        precondition(run.isClaimed, "a page of a reading that others may overtake")
        let rows = EventRows(events, calendarZone: run.calendar.zone)
        return try await pool.transaction(settings: RowAccess.tenant(run.calendar.tenant)) { transaction in
            var tally = try await hold(run, in: transaction)
            try await write(rows, of: run, &tally, in: transaction)
            // Until a full reading has ended, what it has not seen is still there.
            guard tally.eventCount <= Self.maxEventsPerCalendar * (run.isFull ? 2 : 1) else {
                throw CalendarError.tooManyEvents
            }
            guard try await transaction.execute(Self.tally, run.fence + tally.values) == 1 else {
                throw CalendarError.superseded
            }
            return tally.changed
        }
    }

    static let finish = Statement(
        "calendars.finish",
        """
        UPDATE calendars SET version = $5, event_count = $6, sync_token = $7, state = 'ready', reason = NULL,
            lost_at = NULL, synced_at = now(), full_synced_at = CASE WHEN $8 THEN now() ELSE full_synced_at END,
            generation = $11, next_sync_at = now() + interval '1 second' * CASE WHEN EXISTS (
                SELECT FROM calendar_channels AS channel
                WHERE channel.tenant_id = $1 AND channel.calendar_id = $2 AND channel.state = 'open'
                  AND channel.expires_at > now()) THEN $10::float8 ELSE $9::float8 END
        WHERE tenant_id = $1 AND id = $2 AND generation = $3 AND sync_token IS NOT DISTINCT FROM $4::text
        """)

    /// Stores the last page, deletes what a full reading has not seen, and keeps the new token, in a transaction that
    /// acts for the workspace. A calendar with more than `maxEventsPerCalendar` events becomes unavailable instead.
    /// - Parameters:
    ///   - token: what to ask for later changes with.
    ///   - nextInSeconds: until it is read again, though nobody tells of a change.
    ///   - watchedInSeconds: the same, of one that has a channel by which the provider would tell. `nil`: no longer.
    /// - Returns: how many events changed.
    /// - Throws: `superseded`.
    @discardableResult
    package func finish(
        _ events: [CalendarEvent], of run: SyncRun, token: String, nextInSeconds: Double,
        watchedInSeconds: Double? = nil, in transaction: PostgresTransaction
    ) async throws -> Int {
        var tally = try await hold(run, in: transaction)
        try await write(EventRows(events, calendarZone: run.calendar.zone), of: run, &tally, in: transaction)
        if run.isFull { try await delete(Self.unseen, of: run, &tally, in: transaction) }
        try await settleHoles(of: run, &tally, in: transaction)
        guard tally.eventCount <= Self.maxEventsPerCalendar else {
            _ = try await transaction.execute(Self.tally, run.fence + tally.values)
            try await lose(run, reason: UnavailableReason.tooManyEvents, in: transaction)
            return tally.changed
        }
        let rest: [PostgresValue] = [
            .text(token), .bool(run.isFull), .double(nextInSeconds), .double(watchedInSeconds ?? nextInSeconds),
            .int(run.mark),
        ]
        guard try await transaction.execute(Self.finish, run.fence + tally.values + rest) == 1 else {
            throw CalendarError.superseded
        }
        return tally.changed
    }

    func write(
        _ rows: EventRows, of run: SyncRun, _ tally: inout EventTally, in transaction: PostgresTransaction
    ) async throws {
        guard !rows.isEmpty else { return }
        let row = try await transaction.query(
            Self.write, run.name + [.int(run.mark), .int(tally.version)] + rows.values)[0]
        tally.count(changed: try row.int(0), added: try row.int(1))
    }

    func delete(
        _ statement: Statement, of run: SyncRun, _ tally: inout EventTally, in transaction: PostgresTransaction
    ) async throws {
        let deleted = try await transaction.execute(
            statement, run.name + [.int(run.mark), .int(tally.version)])
        tally.count(changed: deleted, added: -deleted)
    }

    private func settleHoles(
        of run: SyncRun, _ tally: inout EventTally, in transaction: PostgresTransaction
    ) async throws {
        try await delete(run.isFull ? Self.allHoles : Self.looseHoles, of: run, &tally, in: transaction)
        _ = try await transaction.execute(Self.tighten, run.name)
    }
}
