package import Domain
import FoundationEssentials
import Postgres

extension Calendars {
    package struct Change: Sendable, Equatable {
        /// Its number in the calendar; later ones are greater.
        package var version: Int
        /// Of the event.
        package var id: String
        /// `nil`: it was deleted.
        package var event: CalendarEvent?
    }

    package struct ChangePage: Sendable {
        /// Ascending. An event that changed again since is at its last change only.
        package var changes: [Change]
        /// What to go on from.
        package var next: ChangeCursor
        /// Whether there were more.
        package var hasMore: Bool
    }

    /// A reader that has just begun needs no tombstone of before.
    static let changes = Statement(
        "calendar_events.changes",
        """
        WITH calendar AS (SELECT version, pruned_version FROM calendars WHERE tenant_id = $1 AND id = $2)
        SELECT calendar.version, calendar.pruned_version, change.version, change.event_id, change.event
        FROM calendar LEFT JOIN LATERAL (
            SELECT version, event_id, event FROM calendar_events
            WHERE tenant_id = $1 AND calendar_id = $2 AND version > $3
              AND (event IS NOT NULL OR version > coalesce($4::int8, calendar.version))
            ORDER BY version LIMIT $5 + 1) AS change ON true
        ORDER BY change.version
        """)

    /// What changed in a calendar since a cursor; without one, everything that is there.
    /// - Throws: `notFound`; `cursorOver` when changes after the cursor may be forgotten.
    package func changes(
        of calendar: CalendarID, after cursor: ChangeCursor?, tenant: TenantID, limit: Int
    ) async throws -> ChangePage {
        let rows = try await pool.query(
            Self.changes,
            Self.name(calendar, tenant) + [
                .int(cursor?.version ?? 0), .optional(cursor?.beginning, PostgresValue.int), .int(limit),
            ], settings: RowAccess.tenant(tenant))
        guard let first = rows.first else { throw CalendarError.notFound }
        let (version, pruned) = (try first.int(0), try first.int(1))
        if let cursor {
            let isKnown = max(cursor.version, cursor.beginning) >= pruned && cursor.version <= version
            guard isKnown, cursor.beginning <= version else { throw CalendarError.cursorOver }
        }
        let decoder = JSONDecoder()
        let changes = try rows.filter { try !$0.isNull(2) }.prefix(limit).map { row in
            Change(
                version: try row.int(2), id: try row.text(3),
                event: try row.isNull(4) ? nil : row.event(4, by: decoder))
        }
        let hasMore = rows.count > limit
        // Without more, everything up to the calendar's own number was read, tombstones that were left out as well.
        let reached = hasMore ? changes.last?.version ?? cursor?.version ?? 0 : version
        let next = ChangeCursor(version: reached, beginning: cursor?.beginning ?? version)
        return ChangePage(changes: changes, next: next, hasMore: hasMore)
    }
}
