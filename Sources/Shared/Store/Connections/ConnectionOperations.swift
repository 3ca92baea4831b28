package import Domain
package import Postgres

/// Connections of all workspaces, as operators see them. Errors are `ConnectionError` and `PostgresError`.
package struct ConnectionOperations: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// Which ones; `nil` is any.
    package struct Filter: Sendable {
        package var tenant: TenantID?
        package var provider: ProviderName?
        package var state: ConnectionState?

        package init(tenant: TenantID? = nil, provider: ProviderName? = nil, state: ConnectionState? = nil) {
            self.tenant = tenant
            self.provider = provider
            self.state = state
        }
    }

    static let list = Statement(
        "connections.list_all",
        """
        SELECT \(Connection.columns) FROM connections
        WHERE ($1::uuid IS NULL OR tenant_id = $1) AND ($2::text IS NULL OR provider = $2)
          AND ($3::text IS NULL OR state = $3)
        ORDER BY id DESC LIMIT $4
        """)

    /// Newest first.
    package func list(_ filter: Filter, limit: Int) async throws -> [Connection] {
        try await pool.query(
            Self.list,
            [
                .optional(filter.tenant?.uuid, PostgresValue.uuid),
                .optional(filter.provider?.rawValue, PostgresValue.text),
                .optional(filter.state?.rawValue, PostgresValue.text), .int(limit),
            ], settings: RowAccess.operators
        ).map(Connection.init)
    }
}
