import Domain
import FoundationEssentials
import Jobs
import Postgres
import Store
import Vault

/// Takes accounts over that another system has connected, one at a time. Safe to repeat, and to stop: what is here and
/// newer stays.
struct ConnectionImport: Sendable {
    enum Outcome: Sendable, Equatable {
        case imported
        /// It was connected, and got newer tokens.
        case updated
        /// It was connected, with these tokens or with newer ones.
        case kept
    }

    let pool: PostgresPool
    let connections: Connections
    let store: JobStore
    /// Everything is checked, and nothing is written.
    let isRehearsal: Bool
    let now: @Sendable () -> Date

    /// - Throws: `ImportRefusal`, `SealingError` and `PostgresError`.
    func take(_ line: ConnectionLine) async throws -> Outcome {
        var new = line.new(now: now())
        let place = try await connections.place(of: new)
        guard let known = place.known else {
            guard place.count < Connections.maxPerTenant else {
                throw ImportRefusal("the workspace has \(Connections.maxPerTenant) connections already")
            }
            return try await write(new, over: nil) ? .imported : .kept
        }
        new.id = known
        guard let version = try await versionToReplace(known, by: line) else { return .kept }
        return try await write(new, over: version) ? .updated : .kept
    }

    // MARK: What is there

    /// `nil`: it stays as it is.
    private func versionToReplace(_ id: ConnectionID, by line: ConnectionLine) async throws -> Int? {
        let connection = try await connections.find(id, tenant: line.tenant)
        if connection.state == .disconnecting { throw ImportRefusal("the connection is being ended here") }
        if try await holds(line, connection) { return nil }
        return Self.isNewer(line, than: connection) ? connection.tokenVersion : nil
    }

    private func holds(_ line: ConnectionLine, _ connection: Connection) async throws -> Bool {
        do {
            return try await connections.open(connection.id, tenant: line.tenant).accessToken == line.accessToken
        } catch is SealingError {
            // What cannot be read is not what is imported.
            return false
        }
    }

    /// Tokens that end later were given later. Where no end is known, only a connection that does not work any more has
    /// nothing to lose.
    static func isNewer(_ line: ConnectionLine, than connection: Connection) -> Bool {
        guard let end = line.expiresAt, let present = connection.expiresAt else {
            return connection.state == .needsReconnect
        }
        return end > present.addingTimeInterval(5)
    }

    // MARK: Writing

    /// - Parameter version: that is replaced; `nil`: the account is not connected.
    /// - Returns: false when somebody else was faster.
    private func write(_ new: Connections.New, over version: Int?) async throws -> Bool {
        guard !isRehearsal else { return true }
        let key = try await connections.sealingKey(of: new.tenant)
        return try await pool.transaction(settings: RowAccess.tenant(new.tenant)) { transaction in
            guard try await connections.lockVersion(of: new, in: transaction) == version else { return false }
            let made = try await connections.connect(new, sealedBy: key, margin: .standard, in: transaction)
            // One that rests, for tokens that are no more, would hold up the renewals of these.
            try await store.withdraw(
                RenewToken.kind, orderingKey: made.id.orderingKey, tenant: made.tenant, in: transaction)
            try await store.release(waitingFor: made.id.awaited, tenant: made.tenant, in: transaction)
            let entry = AuditLog.Entry(
                .connectionMade, tenant: made.tenant, user: made.connectedBy, subject: "connection:\(made.id)"
            ) {
                $0.field("provider", made.provider.rawValue)
                $0.field("imported", true)
            }
            try await AuditLog.record(entry, by: .connections(of: made.tenant), in: transaction)
            return true
        }
    }
}
