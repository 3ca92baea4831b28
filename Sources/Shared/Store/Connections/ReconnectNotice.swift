package import Domain
import Jobs
package import Postgres

/// What goes with a connection that needs a person from now on: an entry of the audit log, and a mail to whoever made
/// the connection. Both are written in the transaction that says so, hence once.
package struct ReconnectNotice: Sendable {
    let store: JobStore

    package init(pool: PostgresPool) { store = JobStore(pool: pool) }

    static let person = Statement(
        "reconnect.person", "SELECT email FROM users WHERE id = $1 AND deleted_at IS NULL AND is_active")

    /// - Parameter transaction: acts for the workspace, and as who made the connection.
    package func write(
        _ connection: Connection, _ reason: ReconnectReason, in transaction: PostgresTransaction
    ) async throws {
        let entry = AuditLog.Entry(
            .connectionNeedsReconnect, tenant: connection.tenant, subject: "connection:\(connection.id)"
        ) {
            $0.field("provider", connection.provider.rawValue)
            $0.field("reason", reason.rawValue)
        }
        try await AuditLog.record(entry, by: .connections(of: connection.tenant), in: transaction)
        guard let user = connection.connectedBy,
            let row = try await transaction.query(Self.person, [.uuid(user.uuid)]).first,
            let email = EmailAddress(try row.text(0))
        else { return }
        let mail = SendMail(reconnect: connection.id, of: connection.tenant, to: email, user: user)
        _ = try await store.insert(
            [NewJob(tenant: .operators, specification: try mail.specification())], in: transaction)
    }
}

extension Caller {
    /// The service itself, at work on a workspace's connections.
    package static func connections(of tenant: TenantID) -> Caller {
        Caller(name: "service", user: nil, tenant: tenant, permissions: [])
    }
}
