package import Domain
import Postgres

extension Connections {
    static let ofAccount = Statement(
        "connections.of_account",
        """
        SELECT (SELECT id FROM connections
                WHERE tenant_id = $1 AND provider = $2 AND host = $3 AND account_id = $4),
               (SELECT count(*) FROM connections WHERE tenant_id = $1)
        """)

    /// The connection to an account, and how many the workspace has.
    package func place(of new: New) async throws -> (known: ConnectionID?, count: Int) {
        let account: [PostgresValue] = [
            .uuid(new.tenant.uuid), .text(new.provider.rawValue), .text(new.host ?? ""), .text(new.accountID),
        ]
        let row = try await pool.query(Self.ofAccount, account, settings: RowAccess.tenant(new.tenant))[0]
        return (try row.optionalUUID(0).map { ConnectionID($0) }, try row.int(1))
    }

    static let elsewhere = Statement(
        "connections.elsewhere",
        """
        SELECT EXISTS (
            SELECT FROM connections
            WHERE provider = $1 AND account_id = $2 AND host = $3 AND tenant_id <> $4 AND state = 'active')
        """)

    /// Whether another workspace has a connection of the same account that works; the worker's role alone may know.
    package func isElsewhere(
        _ accountID: String, at provider: ProviderName, host: String?, than tenant: TenantID
    ) async throws -> Bool {
        let account: [PostgresValue] = [
            .text(provider.rawValue), .text(accountID), .text(host ?? ""), .uuid(tenant.uuid),
        ]
        return try await pool.query(Self.elsewhere, account, settings: RowAccess.operators)[0].bool(0)
    }

    static let reject = Statement(
        "connections.reject",
        """
        UPDATE connections SET expires_at = now(), renew_at = now(), updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND token_version = $3 AND state = 'active'
        """)

    /// The provider takes the access token of this version no longer, whatever it said about its life: it is over.
    package func reject(_ version: Int, of id: ConnectionID, tenant: TenantID) async throws {
        _ = try await pool.execute(
            Self.reject, [.uuid(tenant.uuid), .uuid(id.uuid), .int(version)], settings: RowAccess.tenant(tenant))
    }
}
