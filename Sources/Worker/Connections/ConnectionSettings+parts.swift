import Domain
import Logging
import Providers
import Settings
import Vault

extension ConnectionSettings {
    /// - Throws: `VaultError`.
    func masterKeyRing(logger: Logger) async throws -> MasterKeyRing {
        switch masterKeys {
        case .text(let text): MasterKeyRing(try Vault.MasterKeys(text))
        case .file(let path): try await MasterKeyRing(path: path, logger: logger)
        }
    }

    var clients: [ProviderName: OAuthClient] {
        var clients: [ProviderName: OAuthClient] = [:]
        for provider in providers {
            guard let name = ProviderName(rawValue: provider.name) else { continue }
            clients[name] = OAuthClient(
                clientID: provider.clientID, clientSecret: provider.clientSecret, baseURL: provider.baseURL,
                directory: provider.directory, hosts: provider.hosts)
        }
        return clients
    }
}
