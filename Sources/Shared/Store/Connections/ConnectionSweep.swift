package import Domain
package import FoundationEssentials
package import Postgres

/// What is done to the connections of all workspaces. For the worker's role, as an operator. Errors are
/// `PostgresError`.
package struct ConnectionSweep: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// Rows of one page.
    package static let page = 500

    /// A connection whose tokens are to be renewed.
    package struct Due: Sendable {
        package var connection: ConnectionID
        package var tenant: TenantID
        package var provider: ProviderName
        package var tokenVersion: Int
        package var renewAt: Date
    }

    /// Without a refresh token a connection ends with its access token, and no sooner. Those whose renewals fail have
    /// jobs that try again by themselves; when these have ended, a new one begins a minute to an hour after the last
    /// failure.
    static let due = Statement(
        "sweep.due_connections",
        """
        SELECT id, tenant_id, provider, token_version, renew_at FROM connections
        WHERE state = 'active' AND renew_at IS NOT NULL AND renew_at <= now() + $1 * interval '1 second'
          AND (refresh_token IS NOT NULL OR renew_at <= now())
          AND (renew_at, id) > ($2, $3)
          AND (failed_at IS NULL
               OR failed_at <= now() - least(3600, 60 * 2 ^ least(failures - 1, 6)) * interval '1 second')
        ORDER BY renew_at, id LIMIT \(page)
        """)

    /// A page of those due within so many seconds, the most urgent first.
    /// - Parameter last: of the page before.
    package func due(withinSeconds: Int, after last: Due?) async throws -> [Due] {
        let none = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        let rows = try await pool.query(
            Self.due,
            [
                .int(withinSeconds), .timestamp(last?.renewAt ?? .distantPast),
                .uuid(last?.connection.uuid ?? none),
            ], settings: RowAccess.operators)
        return try rows.map { row in
            Due(
                connection: ConnectionID(try row.uuid(0)), tenant: TenantID(try row.uuid(1)),
                provider: try row.provider(2), tokenVersion: try row.int(3), renewAt: try row.timestamp(4))
        }
    }

    static let abandoned = Statement(
        "sweep.abandoned_connections",
        """
        SELECT id, tenant_id FROM connections
        WHERE state = 'disconnecting' AND updated_at <= now() - interval '2 hours' ORDER BY updated_at LIMIT \(page)
        """)

    /// What was to end two hours ago and is still there: the worker of its last attempt died.
    package func abandoned() async throws -> [(connection: ConnectionID, tenant: TenantID)] {
        try await pool.query(Self.abandoned, [], settings: RowAccess.operators)
            .map { (ConnectionID(try $0.uuid(0)), TenantID(try $0.uuid(1))) }
    }

    static let releasable = Statement(
        "sweep.releasable",
        """
        SELECT DISTINCT jobs.tenant_id, jobs.failure->>'waits_for'
        FROM jobs LEFT JOIN connections
            ON connections.tenant_id = jobs.tenant_id AND jobs.failure->>'waits_for' = 'connection:' || connections.id
        WHERE jobs.state = 'waiting' AND jobs.failure->>'waits_for' LIKE 'connection:%'
          AND (connections.id IS NULL OR connections.state = 'active')
        LIMIT \(page)
        """)

    /// What jobs wait for although it is there, or is gone for good: they began to wait when that had just happened.
    package func releasable() async throws -> [(tenant: TenantID, awaited: String)] {
        try await pool.query(Self.releasable, [], settings: RowAccess.operators)
            .map { (TenantID(try $0.uuid(0)), try $0.text(1)) }
    }

    /// Visits to consent pages a day after their end, and renewals 30 days after their beginning.
    static let authorizations = Statement(
        "sweep.authorizations",
        """
        DELETE FROM authorizations WHERE id IN (
            SELECT id FROM authorizations WHERE expires_at < now() - interval '1 day' LIMIT \(page))
        """)
    static let renewals = Statement(
        "sweep.renewals",
        """
        DELETE FROM renewals WHERE id IN (
            SELECT id FROM renewals WHERE started_at < now() - interval '30 days' LIMIT \(page)
            FOR UPDATE SKIP LOCKED)
        """)

    /// Throws away what is over.
    /// - Returns: how many rows went.
    package func prune() async throws -> Int {
        var count = 0
        for statement in [Self.authorizations, Self.renewals] {
            while true {
                try Task.checkCancellation()
                let deleted = try await pool.execute(statement, [], settings: RowAccess.operators)
                count += deleted
                if deleted < Self.page { break }
            }
        }
        return count
    }
}
