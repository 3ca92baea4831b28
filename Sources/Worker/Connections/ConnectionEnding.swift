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
        let connection = opened.connection
        guard try await mayRevoke(connection.accountID, at: provider, host: connection.host, of: tenant) else {
            return false
        }
        try await provider.revoke(
            RevocationGrant(
                accessToken: opened.accessToken, refreshToken: opened.refreshToken, host: connection.host))
        return true
    }

    /// Tokens that nobody keeps are ended at the provider, if it answers.
    /// - Parameter accountID: `nil`: the provider did not say.
    func revoke(_ token: RevocationGrant, of accountID: String?, at provider: any OAuthProvider, for tenant: TenantID)
        async
    {
        do {
            guard try await mayRevoke(accountID, at: provider, host: token.host, of: tenant) else { return }
            try await provider.revoke(token)
        } catch {
            logger.warning(
                "tokens that are not kept could not be revoked",
                metadata: ["provider": "\(provider.about.name.rawValue)", "error": "\(error)"])
        }
    }

    /// Whether a revocation ends nothing that another workspace lives on.
    private func mayRevoke(
        _ accountID: String?, at provider: any OAuthProvider, host: String?, of tenant: TenantID
    ) async throws -> Bool {
        switch provider.about.revocation {
        case .nothing: return false
        case .connection: return true
        case .account:
            guard let accountID else { return false }
            return try await !connections.isElsewhere(accountID, at: provider.about.name, host: host, than: tenant)
        }
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
