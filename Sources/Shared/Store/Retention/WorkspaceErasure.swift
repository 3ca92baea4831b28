package import Domain
import Jobs
package import Postgres

/// Erases what is in a workspace, page by page, each in a transaction of its own: safe to stop, and to repeat. What
/// unseals its tokens goes first; the audit log stays for its own time. For the worker's role.
package struct WorkspaceErasure: Sendable {
    let pool: PostgresPool
    let store: JobStore

    package init(pool: PostgresPool) {
        self.pool = pool
        store = JobStore(pool: pool)
    }

    /// Rows of one page.
    static let page = 1_000

    private static func statement(_ table: String, page: Int) -> Statement {
        Statement(
            "erasure.\(table)",
            "DELETE FROM \(table) WHERE id IN (SELECT id FROM \(table) WHERE tenant_id = $1 ORDER BY id LIMIT \(page))")
    }

    /// A conversation's messages go with it.
    static let conversations = statement("conversations", page: 20)
    static let tasks = statement("tasks", page: page)
    static let keys = statement("api_keys", page: page)
    /// With its renewals and its calendars, whose events went before, as there may be many.
    static let connections = statement("connections", page: 1)
    static let events = Statement(
        "erasure.calendar_events",
        """
        DELETE FROM calendar_events WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM calendar_events WHERE tenant_id = $1 LIMIT \(page)))
        """)
    static let authorizations = statement("authorizations", page: page)
    /// What they sealed cannot be read from then on, in no backup of another table either.
    static let dataKeys = Statement("erasure.data_keys", "DELETE FROM data_keys WHERE tenant_id = $1")

    /// - Parameter job: the job that does this, when it is one of the workspace's own: it stays.
    /// - Returns: false while a job of the workspace still runs: come again.
    package func erase(_ tenant: TenantID, but job: JobID?) async throws -> Bool {
        let (place, access) = ([PostgresValue.uuid(tenant.uuid)], RowAccess.tenant(tenant))
        _ = try await pool.execute(Self.dataKeys, place, settings: access)
        guard try await store.erase(tenant, but: job) else { return false }
        // The data keys once more: a job that still ran may have made one.
        for statement in [
            Self.events, Self.connections, Self.authorizations, Self.dataKeys, Self.conversations, Self.tasks,
            Self.keys,
        ] {
            while try await pool.execute(statement, place, settings: access) > 0 {
                try Task.checkCancellation()
            }
        }
        return true
    }
}
