package import Domain
package import FoundationEssentials
import Postgres

extension Calendars {
    package struct StoredEvent: Sendable, Equatable {
        package var calendar: CalendarID
        package var event: CalendarEvent
    }

    /// What is needed to know what takes place in a range.
    package struct StoredEvents: Sendable {
        package var events: [StoredEvent]
        /// `false`: there is more, and the limit was reached.
        package var isComplete: Bool
    }

    /// Series, and what lasts, may have begun long before the range: they are found apart from the many short events,
    /// of which an index gives those near it. Then what belongs to these series: an occurrence that is not in the range
    /// may be moved into it, and is found by its own time; one that would be in it may be moved or cancelled.
    static let overlapping = Statement(
        "calendar_events.overlapping",
        """
        WITH found AS (
            (SELECT 1 AS kind, calendar_id, event_id, event, is_master, length_seconds FROM calendar_events
             WHERE tenant_id = $1 AND calendar_id = ANY ($2) AND event IS NOT NULL AND NOT is_hole AND NOT is_long
               AND first_at < $4 AND last_at >= $3
               AND first_at >= $3::timestamptz - interval '\(EventRows.shortDays) days'
             ORDER BY first_at, event_id LIMIT $5 + 1)
            UNION ALL
            (SELECT 2, calendar_id, event_id, event, is_master, length_seconds FROM calendar_events
             WHERE tenant_id = $1 AND calendar_id = ANY ($2) AND event IS NOT NULL AND NOT is_hole AND is_long
               AND first_at < $4 AND (last_at IS NULL OR last_at >= $3)
             ORDER BY first_at, event_id LIMIT $5 + 1)
        ), belonging AS (
            SELECT 3, child.calendar_id, child.event_id, child.event
            FROM found JOIN calendar_events AS child
                ON child.tenant_id = $1 AND child.calendar_id = found.calendar_id AND child.series_id = found.event_id
            WHERE found.is_master
              AND (child.original_at IS NULL
                   OR child.original_at < $4::timestamptz + interval '2 days'
                   AND child.original_at > $3::timestamptz - interval '2 days'
                       - found.length_seconds * interval '1 second')
              AND NOT EXISTS (
                SELECT FROM found AS other
                WHERE other.calendar_id = child.calendar_id AND other.event_id = child.event_id)
            LIMIT $5 + 1
        )
        SELECT kind, calendar_id, event_id, event FROM found UNION ALL SELECT * FROM belonging
        """)

    /// Events that may take place in a range or in part of it, with every exception and hole that bears on the
    /// occurrences of their series there. In no order.
    /// - Parameter limit: of short events, of series and long events, and of what belongs to series, each.
    package func events(
        overlapping range: Range<Date>, of calendars: [CalendarID], tenant: TenantID, limit: Int
    ) async throws -> StoredEvents {
        let rows = try await pool.query(
            Self.overlapping,
            [
                .uuid(tenant.uuid), .uuids(calendars.map(\.uuid)), .timestamp(range.lowerBound),
                .timestamp(range.upperBound), .int(limit),
            ], settings: RowAccess.tenant(tenant))
        var counts = [0, 0, 0, 0]
        let decoder = JSONDecoder()
        var found = StoredEvents(events: [], isComplete: true)
        for row in rows {
            let kind = try row.int(0)
            counts[kind] += 1
            guard counts[kind] <= limit else {
                found.isComplete = false
                continue
            }
            found.events.append(
                StoredEvent(calendar: CalendarID(try row.uuid(1)), event: try row.event(3, by: decoder)))
        }
        return found
    }

    static let event = Statement(
        "calendar_events.find",
        """
        SELECT event FROM calendar_events
        WHERE tenant_id = $1 AND calendar_id = $2 AND event_id = $3 AND event IS NOT NULL
        """)

    /// An event, or a hole, which is a cancelled one. `nil`: there is none, or it was deleted.
    package func event(_ id: String, of calendar: CalendarID, tenant: TenantID) async throws -> CalendarEvent? {
        guard StoredText.accepts(id) else { return nil }
        let rows = try await pool.query(
            Self.event, Self.name(calendar, tenant) + [.text(id)], settings: RowAccess.tenant(tenant))
        return try rows.first.map { try $0.event(0, by: JSONDecoder()) }
    }

    static let page = Statement(
        "calendar_events.page",
        """
        SELECT event FROM calendar_events
        WHERE tenant_id = $1 AND calendar_id = $2 AND event_id > $3 AND event IS NOT NULL
        ORDER BY event_id LIMIT $4
        """)

    /// A page of all events and holes, by id.
    /// - Parameter last: the id of the last one of the page before.
    package func page(
        of calendar: CalendarID, after last: String?, tenant: TenantID, limit: Int
    ) async throws -> [CalendarEvent] {
        let decoder = JSONDecoder()
        return try await pool.query(
            Self.page, Self.name(calendar, tenant) + [.text(last ?? ""), .int(limit)],
            settings: RowAccess.tenant(tenant)
        ).map { try $0.event(0, by: decoder) }
    }
}

extension PostgresRow {
    func event(_ column: Int, by decoder: JSONDecoder) throws -> CalendarEvent {
        do {
            return try decoder.decode(CalendarEvent.self, from: Data(try json(column)))
        } catch is DecodingError {
            throw CalendarError.unreadableRow(column: "event")
        }
    }
}
