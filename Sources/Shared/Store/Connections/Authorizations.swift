package import Domain
package import Postgres
package import Vault

/// People's visits to providers' consent pages, from the redirect there to the code that comes back. Each is used once,
/// by the browser that began it, within `lifeSeconds`.
///
/// Errors are `ConnectionError`, `SealingError` and `PostgresError`.
package struct Authorizations: Sendable {
    let pool: PostgresPool
    let vault: TokenVault

    package init(pool: PostgresPool, vault: TokenVault) {
        self.pool = pool
        self.vault = vault
    }

    package static let lifeSeconds = 15 * 60
    /// Visits of one workspace that have not come back.
    package static let maxOpen = 100

    /// A visit that begins.
    package struct New: Sendable {
        package var id = AuthorizationID.make()
        package var tenant: TenantID
        package var user: UserID?
        package var provider: ProviderName
        package var host: String?
        /// SHA-256 of the state that the provider sends back.
        package var digest: [UInt8]
        /// SHA-256 of the cookie of the browser.
        package var browser: [UInt8]
        /// PKCE's.
        package var verifier: String
        package var redirectURI: String
        /// Where the browser goes in the end.
        package var returnTo: String
        package var features: [String]

        package init(
            tenant: TenantID, user: UserID?, provider: ProviderName, host: String?, digest: [UInt8],
            browser: [UInt8], verifier: String, redirectURI: String, returnTo: String, features: [String]
        ) {
            self.tenant = tenant
            self.user = user
            self.provider = provider
            self.host = host
            self.digest = digest
            self.browser = browser
            self.verifier = verifier
            self.redirectURI = redirectURI
            self.returnTo = returnTo
            self.features = features
        }
    }

    static let insert = Statement(
        "authorizations.insert",
        """
        INSERT INTO authorizations (id, tenant_id, user_id, provider, host, digest, browser, verifier, redirect_uri,
                                    return_to, features, expires_at)
        SELECT $1, $2, $3::uuid, $4, $5, $6, $7, $8, $9, $10, $11, now() + interval '\(lifeSeconds) seconds'
        WHERE (SELECT count(*) FROM authorizations
               WHERE tenant_id = $2 AND used_at IS NULL AND expires_at > now()) < \(maxOpen)
        """)

    /// - Returns: false when the workspace has as many visits under way as it may.
    package func begin(_ new: New, _ caller: Caller) async throws -> Bool {
        let key = try await vault.sealingKey(of: new.tenant)
        let verifier = key.seal(new.verifier, for: Self.place("verifier", of: new.id, new.tenant))
        let parameters: [PostgresValue] = [
            .uuid(new.id.uuid), .uuid(new.tenant.uuid), .optional(new.user?.uuid, PostgresValue.uuid),
            .text(new.provider.rawValue), .text(new.host ?? ""), .bytes(new.digest), .bytes(new.browser),
            .text(verifier), .text(new.redirectURI), .text(new.returnTo), .texts(new.features),
        ]
        return try await pool.transaction(settings: caller.settings) { transaction in
            guard try await transaction.execute(Self.insert, parameters) == 1 else { return false }
            try await AuditLog.record(
                AuditLog.Entry(.connectionBegun, tenant: new.tenant, subject: "authorization:\(new.id)") {
                    $0.field("provider", new.provider.rawValue)
                }, by: caller, in: transaction)
            return true
        }
    }

    /// A visit whose browser came back.
    package struct Returned: Sendable {
        package var id: AuthorizationID
        package var tenant: TenantID
        /// Who began. `nil`: a key.
        package var user: UserID?
        package var provider: ProviderName
        package var returnTo: String
    }

    static let present = Statement(
        "authorizations.present",
        """
        SELECT id, tenant_id, provider, return_to, browser, used_at IS NOT NULL, expires_at <= now(), user_id
        FROM authorizations WHERE digest = $1
        """)

    package enum Presented: Sendable {
        case open(Returned)
        /// It has been used, or its time is over; the browser may still be sent back to where it came from.
        case over(Returned)
        /// There is none, or another browser began it.
        case unknown
    }

    /// What a state that a browser brought back belongs to.
    package func present(digest: [UInt8], browser: [UInt8]) async throws -> Presented {
        let rows = try await pool.query(
            Self.present, [.bytes(digest)], settings: RowAccess.secret(digest: digest))
        guard let row = rows.first, Digest.areEqual(try row.bytes(4), browser) else { return .unknown }
        let returned = Returned(
            id: AuthorizationID(try row.uuid(0)), tenant: TenantID(try row.uuid(1)),
            user: try row.optionalUUID(7).map { UserID($0) }, provider: try row.provider(2), returnTo: try row.text(3))
        let isOver = try row.bool(5) ? true : row.bool(6)
        return isOver ? .over(returned) : .open(returned)
    }

    static let use = Statement(
        "authorizations.use",
        """
        UPDATE authorizations SET used_at = now(), code = $2::text
        WHERE digest = $1 AND used_at IS NULL AND expires_at > now()
        """)

    /// Uses a visit up, in a transaction with the settings of `using`; its code, if there is one, is kept sealed.
    /// - Parameter key: `TokenVault.sealingKey` of the workspace.
    /// - Returns: false when another request was faster.
    package func use(
        _ returned: Returned, digest: [UInt8], code: String?, sealedBy key: DataKey, in transaction: PostgresTransaction
    ) async throws -> Bool {
        let sealed = code.map { key.seal($0, for: Self.place("code", of: returned.id, returned.tenant)) }
        return try await transaction.execute(
            Self.use, [.bytes(digest), .optional(sealed, PostgresValue.text)]) == 1
    }

    /// What a transaction names that uses a visit up and makes a job of its workspace.
    package static func using(_ returned: Returned, digest: [UInt8]) -> [PostgresSetting] {
        RowAccess.tenant(returned.tenant) + RowAccess.secret(digest: digest)
    }

    static func place(_ field: String, of id: AuthorizationID, _ tenant: TenantID) -> SealedPlace {
        SealedPlace(tenant: tenant.uuid, record: id.uuid, field: field)
    }
}
