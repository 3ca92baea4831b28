package import Domain
package import Postgres

/// What operators see and do of API keys. Runs as the worker's role, and records everything it changes. Errors are
/// `PostgresError`.
package struct KeyOperations: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    static let list = Statement(
        "operators.keys",
        """
        SELECT \(APIKeys.Key.columns) FROM api_keys
        WHERE revoked_at IS NULL AND ($1::uuid IS NULL OR tenant_id = $1) ORDER BY id DESC LIMIT $2
        """)

    /// Keys that were not revoked, newest first.
    /// - Parameter tenant: `nil`: of all workspaces.
    package func list(of tenant: TenantID?, limit: Int) async throws -> [APIKeys.Key] {
        try await pool.query(
            Self.list, [.optional(tenant?.uuid, PostgresValue.uuid), .int(limit)], settings: RowAccess.operators
        ).map(APIKeys.Key.init)
    }

    /// - Returns: `nil` when the workspace has as many as it may.
    package func create(_ key: APIKeys.New) async throws -> APIKeys.Key? {
        try await pool.transaction(settings: RowAccess.operators) { transaction in
            let made = try await APIKeys(pool: pool).insert(key, in: transaction)
            if made != nil { try await Self.record(.keyCreated, key.id, of: key.tenant, in: transaction) }
            return made
        }
    }

    static let owner = Statement("operators.key_owner", "SELECT tenant_id FROM api_keys WHERE id = $1")

    /// - Returns: the key's digest, by which gateways remember it; `nil` when there is no such key.
    package func revoke(_ id: APIKeyID) async throws -> [UInt8]? {
        try await pool.transaction(settings: RowAccess.operators) { transaction in
            guard let row = try await transaction.query(Self.owner, [.uuid(id.uuid)]).first else { return nil }
            let tenant = TenantID(try row.uuid(0))
            let digest = try await APIKeys(pool: pool).revoke(id, of: tenant, in: transaction)
            if digest != nil { try await Self.record(.keyRevoked, id, of: tenant, in: transaction) }
            return digest
        }
    }

    private static func record(
        _ action: AuditAction, _ id: APIKeyID, of tenant: TenantID, in transaction: PostgresTransaction
    ) async throws {
        let entry = AuditLog.Entry(action, tenant: tenant, subject: "key:\(id)")
        try await AuditLog.record(entry, by: AccountOperations.caller, in: transaction)
    }
}
