package import Domain
package import FoundationEssentials
package import Postgres

/// Keys of servers and of cron. Errors are `PostgresError`.
package struct APIKeys: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// A workspace's keys that can be used.
    package static let maxPerTenant = 100

    package struct Key: Sendable, Equatable {
        package var id: APIKeyID
        package var tenant: TenantID
        package var name: String
        /// The beginning of the key, by which its owner recognises it.
        package var prefix: String
        package var scopes: [String]
        package var createdBy: UserID?
        package var createdAt: Date
        package var expiresAt: Date?
        package var lastUsedAt: Date?

        static let columns = "id, tenant_id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at"

        init(_ row: PostgresRow) throws {
            id = APIKeyID(try row.uuid(0))
            tenant = TenantID(try row.uuid(1))
            name = try row.text(2)
            prefix = try row.text(3)
            scopes = try row.texts(4)
            createdBy = try row.optionalUUID(5).map { UserID($0) }
            createdAt = try row.timestamp(6)
            expiresAt = try row.optionalTimestamp(7)
            lastUsedAt = try row.optionalTimestamp(8)
        }
    }

    /// A key on its way into the table.
    package struct New: Sendable {
        package var id: APIKeyID
        package var tenant: TenantID
        package var name: String
        /// SHA-256 of the key.
        package var digest: [UInt8]
        package var prefix: String
        package var scopes: [String]
        package var createdBy: UserID?
        package var lifeDays: Int?

        /// - Parameter lifeDays: `nil`: until it is revoked.
        package init(
            id: APIKeyID, tenant: TenantID, name: String, digest: [UInt8], prefix: String, scopes: [String],
            createdBy: UserID?, lifeDays: Int?
        ) {
            self.id = id
            self.tenant = tenant
            self.name = name
            self.digest = digest
            self.prefix = prefix
            self.scopes = scopes
            self.createdBy = createdBy
            self.lifeDays = lifeDays
        }
    }

    static let insert = Statement(
        "api_keys.insert",
        """
        INSERT INTO api_keys (id, tenant_id, name, digest, prefix, scopes, created_by, expires_at)
        SELECT $1, $2, $3, $4, $5, $6, $7::uuid, now() + make_interval(days => $8::int4)
        WHERE (SELECT count(*) FROM api_keys WHERE tenant_id = $2 AND revoked_at IS NULL) < \(maxPerTenant)
        RETURNING \(Key.columns)
        """)

    /// In a transaction that acts for the key's workspace.
    /// - Returns: `nil` when the workspace has as many as it may.
    package func insert(_ key: New, in transaction: PostgresTransaction) async throws -> Key? {
        try await transaction.query(
            Self.insert,
            [
                .uuid(key.id.uuid), .uuid(key.tenant.uuid), .text(key.name), .bytes(key.digest), .text(key.prefix),
                .texts(key.scopes), .optional(key.createdBy?.uuid, PostgresValue.uuid),
                .optional(key.lifeDays) { .int32(Int32(clamping: $0)) },
            ]
        ).first.map(Key.init)
    }

    static let list = Statement(
        "api_keys.list",
        "SELECT \(Key.columns) FROM api_keys WHERE tenant_id = $1 AND revoked_at IS NULL ORDER BY id DESC")

    /// A workspace's keys that were not revoked, newest first; at most `maxPerTenant`.
    package func list(of tenant: TenantID, settings: [PostgresSetting]) async throws -> [Key] {
        try await pool.query(Self.list, [.uuid(tenant.uuid)], settings: settings).map(Key.init)
    }

    static let revoke = Statement(
        "api_keys.revoke",
        """
        UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL RETURNING digest
        """)

    /// In a transaction that acts for the key's workspace.
    /// - Returns: the key's digest, by which gateways remember it; `nil` when there is no such key.
    package func revoke(
        _ id: APIKeyID, of tenant: TenantID, in transaction: PostgresTransaction
    ) async throws -> [UInt8]? {
        try await transaction.query(Self.revoke, [.uuid(id.uuid), .uuid(tenant.uuid)]).first.map { try $0.bytes(0) }
    }

    static let present = Statement(
        "api_keys.present",
        """
        SELECT \(Key.columns) FROM api_keys
        WHERE digest = $1 AND revoked_at IS NULL AND coalesce(expires_at > now(), true)
        """)

    static let used = Statement(
        "api_keys.used",
        """
        UPDATE api_keys SET last_used_at = now()
        WHERE digest = $1 AND coalesce(last_used_at < now() - interval '1 minute', true)
        """)

    /// The key that somebody presented, noting to the minute that it was used.
    /// - Parameter digest: SHA-256 of what was presented.
    /// - Returns: `nil` when there is none, or it was revoked or is over.
    package func present(digest: [UInt8]) async throws -> Key? {
        let settings = RowAccess.secret(digest: digest)
        guard let row = try await pool.query(Self.present, [.bytes(digest)], settings: settings).first else {
            return nil
        }
        let key = try Key(row)
        if key.lastUsedAt.map({ $0.timeIntervalSinceNow < -60 }) ?? true {
            let acting = settings + RowAccess.tenant(key.tenant)
            try await pool.execute(Self.used, [.bytes(digest)], settings: acting)
        }
        return key
    }
}
