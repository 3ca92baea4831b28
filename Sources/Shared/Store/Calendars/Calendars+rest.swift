package import Domain
import Postgres

extension Calendars {
    static let restCalendar = Statement(
        "calendars.rest",
        """
        UPDATE calendars SET next_sync_at = greatest(next_sync_at, now() + $3 * interval '1 second')
        WHERE tenant_id = $1 AND id = $2
        """)

    /// Lets a calendar be whose reading was given up: for so long it is read only when somebody asks for it.
    package func rest(_ calendar: CalendarID, tenant: TenantID, seconds: Int) async throws {
        _ = try await pool.execute(
            Self.restCalendar, Self.name(calendar, tenant) + [.int(seconds)], settings: RowAccess.tenant(tenant))
    }

    static let restList = Statement(
        "calendar_lists.rest",
        """
        UPDATE calendar_lists SET next_sync_at = greatest(next_sync_at, now() + $3 * interval '1 second')
        WHERE tenant_id = $1 AND connection_id = $2
        """)

    /// The same for an account's list.
    package func restList(of connection: ConnectionID, tenant: TenantID, seconds: Int) async throws {
        _ = try await pool.execute(
            Self.restList, [.uuid(tenant.uuid), .uuid(connection.uuid), .int(seconds)],
            settings: RowAccess.tenant(tenant))
    }
}
