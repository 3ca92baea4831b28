import Domain
import Logging
import Providers
import Store
import Vault

/// Takes connections back at their providers.
struct ConnectionEnding: Sendable {
    let connections: Connections
    let providers: ProviderCatalog
    let channels: ChannelClosing
    let logger: Logger

    /// - Returns: whether the provider has confirmed it; false where there is nothing to revoke, no way to, or what
    ///   another workspace's connection of the same account lives on.
    /// - Throws: `Failure`, `SealingError`, `ConnectionError`, `PostgresError`.
    func revoke(_ id: ConnectionID, tenant: TenantID) async throws -> Bool {
        let opened = try await connections.open(id, tenant: tenant)
        guard let provider = providers[opened.connection.provider], provider.about.revocation != .nothing else {
            return false
        }
        // Without the token nobody could close them, and the provider would go on calling.
        await channels.close(of: opened)
        if provider.about.revocation == .account, try await connections.isElsewhere(opened.connection) { return false }
        try await provider.revoke(
            RevocationGrant(
                accessToken: opened.accessToken, refreshToken: opened.refreshToken, host: opened.connection.host))
        return true
    }

    /// Those of a workspace that is about to be erased, each once: what the provider does not confirm is forgotten all
    /// the same.
    func revokeAll(of tenant: TenantID) async throws {
        for connection in try await connections.list(of: tenant) {
            try Task.checkCancellation()
            do {
                _ = try await revoke(connection.id, tenant: tenant)
            } catch {
                logger.warning(
                    "a connection could not be revoked before it is erased",
                    metadata: ["connection": "\(connection.id)", "error": "\(error)"])
            }
        }
    }
}
