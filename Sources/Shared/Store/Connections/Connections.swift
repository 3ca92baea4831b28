package import Domain
import FoundationEssentials
package import Postgres
package import Vault

/// The connections of workspaces. Every method acts for one of them and sees only its rows.
///
/// Errors are `ConnectionError`, `SealingError` and `PostgresError`.
package struct Connections: Sendable {
    let pool: PostgresPool
    let vault: TokenVault

    package init(pool: PostgresPool, vault: TokenVault) {
        self.pool = pool
        self.vault = vault
    }

    /// Connections of one workspace.
    package static let maxPerTenant = 100

    static let list = Statement(
        "connections.list",
        "SELECT \(Connection.columns) FROM connections WHERE tenant_id = $1 ORDER BY id LIMIT \(maxPerTenant)")

    /// Oldest first; at most `maxPerTenant`.
    package func list(of tenant: TenantID) async throws -> [Connection] {
        try await pool.query(Self.list, [.uuid(tenant.uuid)], settings: RowAccess.tenant(tenant)).map(Connection.init)
    }

    static let find = Statement(
        "connections.find", "SELECT \(Connection.columns) FROM connections WHERE tenant_id = $1 AND id = $2")

    package func find(_ id: ConnectionID, tenant: TenantID) async throws -> Connection {
        let rows = try await pool.query(
            Self.find, [.uuid(tenant.uuid), .uuid(id.uuid)], settings: RowAccess.tenant(tenant))
        guard let row = rows.first else { throw ConnectionError.notFound }
        return try Connection(row)
    }

    static let tokens = Statement(
        "connections.tokens",
        """
        SELECT \(Connection.columns), access_token, refresh_token FROM connections WHERE tenant_id = $1 AND id = $2
        """)

    /// A connection and its tokens in plain text, for the process that calls the provider, and for nothing else.
    package struct Opened: Sendable {
        package var connection: Connection
        package var accessToken: String?
        package var refreshToken: String?
    }

    package func open(_ id: ConnectionID, tenant: TenantID) async throws -> Opened {
        let rows = try await pool.query(
            Self.tokens, [.uuid(tenant.uuid), .uuid(id.uuid)], settings: RowAccess.tenant(tenant))
        guard let row = rows.first else { throw ConnectionError.notFound }
        return try await open(row)
    }

    /// - Parameter row: of `Connection.columns`, and the two tokens.
    func open(_ row: PostgresRow) async throws -> Opened {
        let connection = try Connection(row)
        return Opened(
            connection: connection,
            accessToken: try await open(row.optionalText(Connection.columnCount), "access_token", of: connection),
            refreshToken: try await open(row.optionalText(Connection.columnCount + 1), "refresh_token", of: connection))
    }

    private func open(_ sealed: String?, _ field: String, of connection: Connection) async throws -> String? {
        guard let sealed else { return nil }
        return try await vault.open(sealed, for: connection.place(field))
    }

    /// The key that `connect` seals with; made at the first call for a workspace.
    package func sealingKey(of tenant: TenantID) async throws -> DataKey { try await vault.sealingKey(of: tenant) }

    static let disconnect = Statement(
        "connections.disconnect",
        """
        UPDATE connections SET state = 'disconnecting', updated_at = now()
        WHERE tenant_id = $1 AND id = $2 RETURNING \(Connection.columns)
        """)

    /// Marks a connection for its end, in a transaction that acts for the workspace and makes the job that ends it.
    package func disconnect(
        _ id: ConnectionID, tenant: TenantID, in transaction: PostgresTransaction
    ) async throws -> Connection {
        let rows = try await transaction.query(Self.disconnect, [.uuid(tenant.uuid), .uuid(id.uuid)])
        guard let row = rows.first else { throw ConnectionError.notFound }
        return try Connection(row)
    }

    static let delete = Statement(
        "connections.delete", "DELETE FROM connections WHERE tenant_id = $1 AND id = $2 AND state = 'disconnecting'")

    /// Forgets a connection and its tokens, unless it was connected again meanwhile.
    /// - Returns: the version of its tokens, if it was; `nil`: there is no such connection any more.
    package func delete(_ id: ConnectionID, tenant: TenantID, in transaction: PostgresTransaction) async throws -> Int?
    {
        let name: [PostgresValue] = [.uuid(tenant.uuid), .uuid(id.uuid)]
        if try await transaction.execute(Self.delete, name) == 1 { return nil }
        return try await transaction.query(Self.find, name).first.map { try Connection($0).tokenVersion }
    }
}
