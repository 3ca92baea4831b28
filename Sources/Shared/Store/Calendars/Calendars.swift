package import Domain
import FoundationEssentials
package import Postgres

/// The mirror of connected accounts' calendars. The provider is the truth, and everything here can be read again.
/// Every method acts for one workspace and sees only its rows.
///
/// A reading, of an account's list (`ListRun`) or of a calendar's events (`SyncRun`), begins, is given page after page,
/// and finishes. Whichever began last is the only one that may write: the pages and the end of an earlier one throw
/// `superseded`.
///
/// Errors are `CalendarError` and `PostgresError`.
package struct Calendars: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// Further calendars of an account are left out.
    package static let maxPerConnection = 200
    /// Events of a calendar that are mirrored. One with more is unavailable.
    package static let maxEventsPerCalendar = 100_000
    /// Calendars of one answer.
    package static let maxListed = 2_000

    static let list = Statement(
        "calendars.list",
        """
        SELECT \(MirroredCalendar.columns) FROM calendars
        WHERE tenant_id = $1 AND reason IS DISTINCT FROM '\(UnavailableReason.notListed)'
        ORDER BY NOT is_primary, title, id LIMIT \(maxListed)
        """)

    /// Primary ones first, then by title and id; without those that are in their account's list no more.
    package func list(of tenant: TenantID) async throws -> [MirroredCalendar] {
        try await pool.query(Self.list, [.uuid(tenant.uuid)], settings: RowAccess.tenant(tenant))
            .map(MirroredCalendar.init)
    }

    static let find = Statement(
        "calendars.find", "SELECT \(MirroredCalendar.columns) FROM calendars WHERE tenant_id = $1 AND id = $2")

    package func find(_ id: CalendarID, tenant: TenantID) async throws -> MirroredCalendar {
        let rows = try await pool.query(Self.find, Self.name(id, tenant), settings: RowAccess.tenant(tenant))
        guard let row = rows.first else { throw CalendarError.notFound }
        return try MirroredCalendar(row)
    }

    static let select = Statement(
        "calendars.select",
        """
        UPDATE calendars SET is_selected = $3, next_sync_at = now() WHERE tenant_id = $1 AND id = $2
        RETURNING \(MirroredCalendar.columns)
        """)

    /// Says whether it is to be mirrored, in a transaction that acts for the workspace; the sync job that is made there
    /// does the rest.
    package func select(
        _ id: CalendarID, _ isSelected: Bool, tenant: TenantID, in transaction: PostgresTransaction
    ) async throws -> MirroredCalendar {
        let rows = try await transaction.query(Self.select, Self.name(id, tenant) + [.bool(isSelected)])
        guard let row = rows.first else { throw CalendarError.notFound }
        return try MirroredCalendar(row)
    }

    static func name(_ id: CalendarID, _ tenant: TenantID) -> [PostgresValue] { [.uuid(tenant.uuid), .uuid(id.uuid)] }
}
