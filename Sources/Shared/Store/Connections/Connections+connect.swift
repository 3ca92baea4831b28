package import Domain
package import Postgres
package import Vault

extension Connections {
    /// An account that somebody has consented to.
    package struct New: Sendable {
        /// Unless the account is connected already.
        package var id = ConnectionID.make()
        package var tenant: TenantID
        package var provider: ProviderName
        package var host: String?
        package var accountID: String
        package var accountName: String
        package var connectedBy: UserID?
        package var tokens: TokenSet

        package init(
            tenant: TenantID, provider: ProviderName, host: String?, accountID: String, accountName: String,
            connectedBy: UserID?, tokens: TokenSet
        ) {
            self.tenant = tenant
            self.provider = provider
            self.host = host
            self.accountID = accountID
            self.accountName = accountName
            self.connectedBy = connectedBy
            self.tokens = tokens
        }
    }

    /// There may be no row to lock yet: two that connect an account at once would each seal for an id of their own.
    static let lockAccount = Statement(
        "connections.lock_account",
        """
        SELECT pg_advisory_xact_lock(
            hashtextextended(concat_ws(' ', 'connection', $1::uuid, $2::text, $3::text, $4::text), 0))
        """)

    static let lock = Statement(
        "connections.lock",
        """
        SELECT id FROM connections WHERE tenant_id = $1 AND provider = $2 AND host = $3 AND account_id = $4
        FOR NO KEY UPDATE
        """)

    /// The refresh token of before goes on when the provider gives none. Without any, the renewal that says so comes at
    /// the access token's end.
    static let connect = Statement(
        "connections.connect",
        """
        INSERT INTO connections AS old (id, tenant_id, provider, host, account_id, account_name, scopes, access_token,
                                        refresh_token, expires_at, refresh_expires_at, renew_at, renewed_at,
                                        connected_by)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::text, now() + $10::int8 * interval '1 second',
               now() + $11::int8 * interval '1 second',
               now() + CASE WHEN $9::text IS NULL THEN $10::int8 ELSE $12::int8 END * interval '1 second', now(),
               $13::uuid
        ON CONFLICT (tenant_id, provider, host, account_id) DO UPDATE SET
            account_name = excluded.account_name, state = 'active', reason = NULL, scopes = excluded.scopes,
            access_token = excluded.access_token,
            refresh_token = coalesce(excluded.refresh_token, old.refresh_token),
            token_version = old.token_version + 1, expires_at = excluded.expires_at,
            refresh_expires_at = excluded.refresh_expires_at, renewed_at = now(),
            renew_at = CASE WHEN coalesce(excluded.refresh_token, old.refresh_token) IS NULL THEN excluded.expires_at
                            ELSE now() + $12::int8 * interval '1 second' END,
            failures = 0, failed_at = NULL, connected_by = excluded.connected_by, updated_at = now()
        RETURNING \(Connection.columns)
        """)

    /// Keeps what somebody consented to, in a transaction that acts for the workspace. An account that is connected
    /// already keeps its id, and gets the new tokens.
    /// - Parameter key: from `TokenVault.sealingKey`, taken before the transaction began.
    package func connect(
        _ new: New, sealedBy key: DataKey, margin: RenewalMargin, in transaction: PostgresTransaction
    ) async throws -> Connection {
        let account: [PostgresValue] = [
            .uuid(new.tenant.uuid), .text(new.provider.rawValue), .text(new.host ?? ""), .text(new.accountID),
        ]
        _ = try await transaction.query(Self.lockAccount, account)
        let known = try await transaction.query(Self.lock, account).first
        let id = try known.map { ConnectionID(try $0.uuid(0)) } ?? new.id
        let sealed = SealedTokens(new.tokens, of: id, new.tenant, key, margin)
        let rows = try await transaction.query(
            Self.connect,
            [.uuid(id.uuid)] + account + [.text(String(new.accountName.prefix(300)))]
                + [.texts(Array((new.tokens.scopes ?? []).prefix(100)))] + sealed.values
                + [.optional(new.connectedBy?.uuid, PostgresValue.uuid)])
        guard let row = rows.first else { throw ConnectionError.notFound }
        return try Connection(row)
    }
}

/// Tokens as parameters: sealed access and refresh token, and seconds until their ends and their renewal with a
/// refresh token.
struct SealedTokens {
    let values: [PostgresValue]

    init(_ tokens: TokenSet, of id: ConnectionID, _ tenant: TenantID, _ key: DataKey, _ margin: RenewalMargin) {
        var random = SystemRandomNumberGenerator()
        func seal(_ token: String, _ field: String) -> String {
            key.seal(token, for: Connection.place(field, of: id, tenant))
        }
        // A life of zero or less is one that has passed: it is renewed at once.
        let life = tokens.expiresInSeconds.map { max($0, 0) }
        values = [
            .text(seal(tokens.accessToken, "access_token")),
            .optional(tokens.refreshToken.map { seal($0, "refresh_token") }, PostgresValue.text),
            .optional(life, PostgresValue.int),
            .optional(tokens.refreshExpiresInSeconds.map { max($0, 0) }, PostgresValue.int),
            .int(margin.delaySeconds(life: life, random: &random)),
        ]
    }
}
