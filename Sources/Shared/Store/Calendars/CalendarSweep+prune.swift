import Domain
import FoundationEssentials
import Postgres

extension CalendarSweep {
    /// Tombstones are kept so long for readers of changes, and calendars that are listed no more.
    package static let keepDays = 30

    /// What the provider has not answered may be open for as long as it keeps channels: a month at the most.
    static let endedChannels = Statement(
        "sweep.ended_channels",
        """
        DELETE FROM calendar_channels WHERE id IN (
            SELECT id FROM calendar_channels
            WHERE expires_at < now() - interval '1 hour'
               OR expires_at IS NULL AND created_at < now() - interval '31 days'
            LIMIT \(page) FOR UPDATE SKIP LOCKED)
        """)

    static let unlistedCalendars = Statement(
        "sweep.unlisted_calendars",
        """
        DELETE FROM calendars WHERE id IN (
            SELECT id FROM calendars
            WHERE reason = '\(UnavailableReason.notListed)' AND lost_at < now() - interval '\(keepDays) days'
              AND NOT EXISTS (
                SELECT FROM calendar_events AS item
                WHERE item.tenant_id = calendars.tenant_id AND item.calendar_id = calendars.id)
            LIMIT \(page) FOR UPDATE SKIP LOCKED)
        """)

    static let oldTombstones = Statement(
        "sweep.old_tombstones",
        """
        SELECT DISTINCT tenant_id, calendar_id FROM (
            SELECT tenant_id, calendar_id FROM calendar_events
            WHERE event IS NULL AND changed_at < now() - interval '\(keepDays) days' ORDER BY changed_at LIMIT \(page)
        ) AS oldest
        """)

    static let hold = Statement(
        "sweep.hold_calendar",
        "SELECT 1 FROM calendars WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE SKIP LOCKED")

    /// The calendar's row is held first, as by whoever writes events.
    static let pruneTombstones = Statement(
        "sweep.tombstones",
        """
        WITH gone AS (
            DELETE FROM calendar_events WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM calendar_events
                WHERE tenant_id = $1 AND calendar_id = $2 AND event IS NULL
                  AND changed_at < now() - interval '\(keepDays) days'
                ORDER BY version LIMIT \(page)))
            RETURNING version
        ), known AS (
            UPDATE calendars SET pruned_version = greatest(pruned_version, (SELECT max(version) FROM gone))
            WHERE tenant_id = $1 AND id = $2 AND EXISTS (SELECT FROM gone)
        )
        SELECT count(*) FROM gone
        """)

    /// Throws away what is over.
    /// - Returns: how many rows went.
    package func prune() async throws -> Int {
        var count = try await pruneOldTombstones()
        for statement in [Self.endedChannels, Self.unlistedCalendars] {
            while true {
                try Task.checkCancellation()
                let deleted = try await pool.execute(statement, [], settings: RowAccess.operators)
                count += deleted
                if deleted < Self.page { break }
            }
        }
        return count
    }

    /// A calendar that somebody holds is left for the next sweep, unless others are at hand.
    private func pruneOldTombstones() async throws -> Int {
        var count = 0
        while true {
            try Task.checkCancellation()
            var deleted = 0
            for row in try await pool.query(Self.oldTombstones, [], settings: RowAccess.operators) {
                deleted += try await prune(CalendarID(try row.uuid(1)), TenantID(try row.uuid(0)))
            }
            count += deleted
            if deleted == 0 { return count }
        }
    }

    private func prune(_ calendar: CalendarID, _ tenant: TenantID) async throws -> Int {
        try await pool.transaction(settings: RowAccess.operators) { transaction in
            let name = Calendars.name(calendar, tenant)
            guard try await !transaction.query(Self.hold, name).isEmpty else { return 0 }
            return try await transaction.query(Self.pruneTombstones, name)[0].int(0)
        }
    }
}
