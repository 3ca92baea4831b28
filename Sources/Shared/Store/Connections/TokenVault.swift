package import Domain
import FoundationEssentials
package import Postgres
package import Vault

/// Seals and opens what belongs to a workspace, with the workspace's own data key.
///
/// Errors are `SealingError`, `PostgresError`, and what the key service throws.
package struct TokenVault: Sendable {
    let pool: PostgresPool
    let wrapping: any KeyWrapping
    let cache: DataKeyCache

    package init(pool: PostgresPool, wrapping: any KeyWrapping, cache: DataKeyCache = DataKeyCache()) {
        self.pool = pool
        self.wrapping = wrapping
        self.cache = cache
    }

    static let newest = Statement(
        "data_keys.newest", "SELECT version FROM data_keys WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1")
    static let find = Statement(
        "data_keys.find", "SELECT wrapped FROM data_keys WHERE tenant_id = $1 AND version = $2::int4")
    static let insert = Statement(
        "data_keys.insert",
        """
        INSERT INTO data_keys (tenant_id, version, wrapped, master_key) VALUES ($1, 1, $2, $3) ON CONFLICT DO NOTHING
        """)

    /// The key that seals what is new; made at the first call for a workspace.
    package func sealingKey(of tenant: TenantID) async throws -> DataKey {
        if let version = try await newestVersion(of: tenant) { return try await key(of: tenant, version) }
        let key = DataKey.make(owner: tenant.uuid, version: 1)
        let wrapped = try await wrapping.wrap(key)
        let made = try await pool.execute(
            Self.insert, [.uuid(tenant.uuid), .text(wrapped.text), .text(wrapped.masterKeyID)],
            settings: RowAccess.tenant(tenant))
        if made == 1 {
            cache.insert(key)
            return key
        }
        // Somebody else made it at the same moment.
        return try await self.key(of: tenant, 1)
    }

    /// What was sealed for this place.
    package func open(_ text: String, for place: SealedPlace) async throws -> String {
        let sealed = try SealedText(text)
        let key = try await key(of: TenantID(place.tenant), sealed.keyVersion)
        return String(decoding: try key.open(sealed, for: place), as: UTF8.self)
    }

    private func newestVersion(of tenant: TenantID) async throws -> Int? {
        let rows = try await pool.query(
            Self.newest, [.uuid(tenant.uuid)], settings: RowAccess.tenant(tenant))
        return try rows.first?.int(0)
    }

    private func key(of tenant: TenantID, _ version: Int) async throws -> DataKey {
        try await cache.key(owner: tenant.uuid, version: version) {
            let rows = try await pool.query(
                Self.find, [.uuid(tenant.uuid), .int32(Int32(clamping: version))],
                settings: RowAccess.tenant(tenant))
            guard let row = rows.first else { throw SealingError.unknownKeyVersion }
            return try await wrapping.unwrap(
                try WrappedKey(try row.text(0)), owner: tenant.uuid, version: version)
        }
    }
}

extension DataKey {
    /// A text, sealed for its place.
    package func seal(_ text: String, for place: SealedPlace) -> String { seal(Array(text.utf8), for: place).rawValue }
}
