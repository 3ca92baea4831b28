package import Domain
import Postgres

extension Calendars {
    /// Whoever connects the account again waits until a page is gone.
    static let holdEnding = Statement(
        "calendars.hold_ending",
        "SELECT 1 FROM connections WHERE tenant_id = $1 AND id = $2 AND state = 'disconnecting' FOR SHARE")

    static let holdAll = Statement(
        "calendars.hold_all",
        "SELECT 1 FROM calendars WHERE tenant_id = $1 AND connection_id = $2 ORDER BY id FOR NO KEY UPDATE")

    /// No reading of theirs that has begun may write any more, and whoever follows their changes begins anew.
    static let forgetPage = Statement(
        "calendars.forget_page",
        """
        WITH gone AS (
            DELETE FROM calendar_events WHERE ctid = ANY (ARRAY(
                SELECT item.ctid
                FROM calendars JOIN calendar_events AS item
                    ON item.tenant_id = calendars.tenant_id AND item.calendar_id = calendars.id
                WHERE calendars.tenant_id = $1 AND calendars.connection_id = $2 LIMIT 5000))
            RETURNING calendar_id, event IS NOT NULL AS was_there
        ), counted AS (
            SELECT calendar_id, count(*) FILTER (WHERE was_there) AS events FROM gone GROUP BY calendar_id
        )
        UPDATE calendars SET generation = generation + 1, sync_token = NULL, event_count = event_count - events,
            version = version + 1, pruned_version = version + 1, next_sync_at = now(),
            state = CASE state WHEN 'ready' THEN 'pending' ELSE state END
        FROM counted WHERE tenant_id = $1 AND id = calendar_id
        """)

    /// Throws away the events of a connection that is being disconnected, page by page, each in a transaction of its
    /// own: there may be millions. Should the account be connected again meanwhile, it stops, and what calendars lost
    /// is read again from their beginning.
    package func forgetEvents(of connection: ConnectionID, tenant: TenantID) async throws {
        while try await forgetPage(of: connection, tenant) { try Task.checkCancellation() }
    }

    /// - Returns: whether there may be more.
    private func forgetPage(of connection: ConnectionID, _ tenant: TenantID) async throws -> Bool {
        let name: [PostgresValue] = [.uuid(tenant.uuid), .uuid(connection.uuid)]
        return try await pool.transaction(settings: RowAccess.tenant(tenant)) { transaction in
            guard try await !transaction.query(Self.holdEnding, name).isEmpty else { return false }
            _ = try await transaction.query(Self.holdAll, name)
            return try await transaction.execute(Self.forgetPage, name) > 0
        }
    }
}
