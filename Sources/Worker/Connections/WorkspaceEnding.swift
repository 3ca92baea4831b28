import Domain
import Logging
import Store

/// Ends what a workspace that is about to be erased has at providers.
struct WorkspaceEnding: Sendable {
    /// `nil`: this worker has no master key.
    let connections: ConnectionEnding?
    let operations: ConnectionOperations
    let logger: Logger

    /// - Parameter mayWait: whether to leave it to a worker that can revoke, where this one cannot.
    /// - Throws: `Failure.connectionsOff` then.
    func revokeAll(of tenant: TenantID, mayWait: Bool) async throws {
        if let connections { return try await connections.revokeAll(of: tenant) }
        let left = try await operations.list(.init(tenant: tenant), limit: Connections.maxPerTenant).count
        guard left > 0 else { return }
        logger.warning(
            mayWait
                ? "a workspace's connections wait for a worker that has a master key"
                : "a workspace's connections are erased without being revoked: this worker has no master key",
            metadata: ["tenant": "\(tenant)", "connections": "\(left)"])
        if mayWait { throw Failure.connectionsOff }
    }
}

extension Failure {
    static let connectionsOff = Failure(
        .retry, code: "connections_off",
        message: "This worker has no master key: set MASTER_KEYS or MASTER_KEYS_FILE.", retryAfterSeconds: 60)
}
