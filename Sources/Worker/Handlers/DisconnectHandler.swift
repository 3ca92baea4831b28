import Domain
import Jobs
import Postgres
import Store
import Vault

/// Runs `connection.disconnect`: revokes at the provider, then forgets. What the provider does not confirm in all the
/// attempts is forgotten in the last one all the same.
struct DisconnectHandler: JobHandler {
    let connections: Connections
    let ending: ConnectionEnding
    let calendars: Calendars
    /// Lets jobs that wait for the connection find out that it is gone.
    let store: JobStore

    func handle(_ work: Disconnect, _ context: AttemptContext) async throws -> Completion {
        do {
            let connection = try await connections.find(work.connection, tenant: context.tenant)
            guard connection.state == .disconnecting else { return Self.finished(work, revoked: false) }
        } catch ConnectionError.notFound {
            return Self.finished(work, revoked: false)
        }
        let isRevoked = try await revoke(work.connection, context)
        try await calendars.forgetEvents(of: work.connection, tenant: context.tenant)
        return Self.finished(work, revoked: isRevoked) { transaction in
            try await forget(work.connection, context.tenant, revoked: isRevoked, in: transaction)
        }
    }

    /// - Returns: whether the provider has confirmed it.
    private func revoke(_ id: ConnectionID, _ context: AttemptContext) async throws -> Bool {
        do {
            return try await ending.revoke(id, tenant: context.tenant)
        } catch let failure as Failure {
            guard context.job.attemptsSpent < context.job.maxAttempts else { return false }
            // A registration that is wrong may be put right within the hour.
            throw Failure(
                .retry, code: failure.code, message: failure.message, retryAfterSeconds: failure.retryAfterSeconds,
                burnsAttempt: failure.burnsAttempt)
        } catch SealingError.unknownMasterKey(let key) {
            guard context.job.attemptsSpent < context.job.maxAttempts else { return false }
            throw Failure.masterKeyMissing(key)
        } catch is SealingError {
            return false
        }
    }

    private func forget(
        _ id: ConnectionID, _ tenant: TenantID, revoked: Bool, in transaction: PostgresTransaction
    ) async throws {
        if let version = try await connections.delete(id, tenant: tenant, in: transaction) {
            // Connected again while the provider revoked, which may have ended the new tokens: a renewal finds out.
            let specification = try RenewToken(id, tokenVersion: version).specification(priority: .urgent)
            _ = try await store.insert([NewJob(tenant: tenant, specification: specification)], in: transaction)
            return
        }
        try await store.release(waitingFor: id.awaited, tenant: tenant, in: transaction)
        let entry = AuditLog.Entry(.connectionEnded, tenant: tenant, subject: "connection:\(id)") {
            $0.field("revoked", revoked)
        }
        try await AuditLog.record(entry, by: .connections(of: tenant), in: transaction)
    }

    private static func finished(
        _ work: Disconnect, revoked: Bool, effects: Completion.Effects? = nil
    ) -> Completion {
        var writer = JSONWriter(capacity: 96)
        writer.object { object in
            object.field("connection_id", work.connection.description)
            object.field("revoked", revoked)
        }
        return .finished(writer.bytes, effects: effects)
    }
}
