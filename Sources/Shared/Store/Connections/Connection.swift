package import Domain
package import FoundationEssentials
import Postgres
import Vault

/// An account at a provider that a workspace may act for. Without its tokens.
package struct Connection: Sendable {
    package var id: ConnectionID
    package var tenant: TenantID
    package var provider: ProviderName
    /// The installation, where a provider has many. `nil`: it has one.
    package var host: String?
    /// Never given to another account there.
    package var accountID: String
    /// How its owner knows it: an address or a name.
    package var accountName: String
    package var state: ConnectionState
    /// Why it needs a person.
    package var reason: ReconnectReason?
    /// As granted.
    package var scopes: [String]
    /// Counts writes of the tokens, from 1.
    package var tokenVersion: Int
    /// The end of the access token. `nil`: it has none.
    package var expiresAt: Date?
    /// When it is renewed ahead of time. `nil`: it is not.
    package var renewAt: Date?
    package var renewedAt: Date?
    /// Renewals that failed since one went well.
    package var failures: Int
    /// Who is told when it needs a person.
    package var connectedBy: UserID?
    package var createdAt: Date

    static let columns = """
        id, tenant_id, provider, host, account_id, account_name, state, reason, scopes, token_version, expires_at,
        renew_at, renewed_at, failures, connected_by, created_at
        """
    static let columnCount = 16

    init(_ row: PostgresRow) throws {
        id = ConnectionID(try row.uuid(0))
        tenant = TenantID(try row.uuid(1))
        provider = try row.provider(2)
        host = try row.host(3)
        accountID = try row.text(4)
        accountName = try row.text(5)
        guard let state = ConnectionState(rawValue: try row.text(6)) else {
            throw ConnectionError.unreadableRow(column: "state")
        }
        self.state = state
        reason = try row.optionalText(7).map(ReconnectReason.init(rawValue:))
        scopes = try row.texts(8)
        tokenVersion = try row.int(9)
        expiresAt = try row.optionalTimestamp(10)
        renewAt = try row.optionalTimestamp(11)
        renewedAt = try row.optionalTimestamp(12)
        failures = try row.int(13)
        connectedBy = try row.optionalUUID(14).map { UserID($0) }
        createdAt = try row.timestamp(15)
    }

    /// Where its sealed values belong.
    func place(_ field: String) -> SealedPlace { Self.place(field, of: id, tenant) }

    static func place(_ field: String, of id: ConnectionID, _ tenant: TenantID) -> SealedPlace {
        SealedPlace(tenant: tenant.uuid, record: id.uuid, field: field)
    }
}

/// Why a connection cannot be used as asked.
package enum ConnectionError: Error, Equatable {
    /// There is none with this id in the workspace.
    case notFound
    /// The database holds something that this version cannot read.
    case unreadableRow(column: String)
}

extension PostgresRow {
    func provider(_ column: Int) throws -> ProviderName {
        guard let name = ProviderName(rawValue: try text(column)) else {
            throw ConnectionError.unreadableRow(column: "provider")
        }
        return name
    }

    func host(_ column: Int) throws -> String? {
        let host = try text(column)
        return host.isEmpty ? nil : host
    }
}
