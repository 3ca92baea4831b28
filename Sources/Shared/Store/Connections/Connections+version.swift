import Domain
package import Postgres

extension Connections {
    static let lockVersion = Statement(
        "connections.lock_version",
        """
        SELECT token_version FROM connections
        WHERE tenant_id = $1 AND provider = $2 AND host = $3 AND account_id = $4 FOR NO KEY UPDATE
        """)

    /// Which version of its tokens the connection to an account has, and has until the transaction ends. `nil`: the
    /// account is not connected, and nobody else connects it until then.
    package func lockVersion(of new: New, in transaction: PostgresTransaction) async throws -> Int? {
        let account: [PostgresValue] = [
            .uuid(new.tenant.uuid), .text(new.provider.rawValue), .text(new.host ?? ""), .text(new.accountID),
        ]
        _ = try await transaction.query(Self.lockAccount, account)
        return try await transaction.query(Self.lockVersion, account).first?.int(0)
    }
}
