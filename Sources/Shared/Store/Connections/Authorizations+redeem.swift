package import Domain
package import Postgres
import Vault

extension Authorizations {
    /// A visit with its code in plain text, for the process that redeems it.
    package struct Redeemable: Sendable {
        package var id: AuthorizationID
        package var user: UserID?
        package var provider: ProviderName
        package var host: String?
        package var code: String
        package var verifier: String
        package var redirectURI: String
        package var features: [String]
    }

    static let redeem = Statement(
        "authorizations.redeem",
        """
        SELECT user_id, provider, host, code, verifier, redirect_uri, features
        FROM authorizations WHERE tenant_id = $1 AND id = $2 AND code IS NOT NULL
        """)

    /// `nil`: there is none with a code.
    package func redeemable(_ id: AuthorizationID, tenant: TenantID) async throws -> Redeemable? {
        let rows = try await pool.query(
            Self.redeem, [.uuid(tenant.uuid), .uuid(id.uuid)], settings: RowAccess.tenant(tenant))
        guard let row = rows.first else { return nil }
        return Redeemable(
            id: id, user: try row.optionalUUID(0).map { UserID($0) }, provider: try row.provider(1),
            host: try row.host(2),
            code: try await vault.open(try row.text(3), for: Self.place("code", of: id, tenant)),
            verifier: try await vault.open(try row.text(4), for: Self.place("verifier", of: id, tenant)),
            redirectURI: try row.text(5), features: try row.texts(6))
    }

    static let delete = Statement(
        "authorizations.delete", "DELETE FROM authorizations WHERE tenant_id = $1 AND id = $2")

    /// Forgets a visit: its code has been sent, and is good no longer.
    package func delete(_ id: AuthorizationID, tenant: TenantID, in transaction: PostgresTransaction) async throws {
        _ = try await transaction.execute(Self.delete, [.uuid(tenant.uuid), .uuid(id.uuid)])
    }
}
