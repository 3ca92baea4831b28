import Domain
import HTTPTransport
import Logging
import Postgres
import Providers
import ServiceLifecycle
import Settings
import Store
import Vault

/// What the gateway needs to connect accounts elsewhere.
struct ConnectionParts: Sendable {
    let pool: PostgresPool
    let vault: TokenVault
    let catalog: ProviderCatalog
    /// Where providers send browsers back to, exactly as it is registered there.
    let redirectURI: String
    /// Whether keys with the permission get tokens in plain text.
    let disclosesTokens: Bool
    let services: [any Service]

    var connections: Connections { Connections(pool: pool, vault: vault) }
    var authorizations: Authorizations { Authorizations(pool: pool, vault: vault) }

    init(_ configuration: ConnectionConfiguration, pool: PostgresPool, logger: Logger) async throws {
        self.pool = pool
        let ring: MasterKeyRing
        switch configuration.settings.masterKeys {
        case .text(let text):
            ring = MasterKeyRing(try Self.keys(text))
            services = []
        case .file(let path):
            ring = try await MasterKeyRing(path: path, logger: logger)
            services = [MasterKeyWatch(ring: ring)]
        }
        vault = TokenVault(pool: pool, wrapping: LocalKeyWrapping(ring))
        catalog = Self.catalog(configuration.settings.providers, logger)
        redirectURI = configuration.publicURL + "/api/v1/integrations/callback"
        disclosesTokens = configuration.disclosesTokens
    }

    private static func keys(_ text: String) throws -> MasterKeys {
        do {
            return try MasterKeys(text)
        } catch {
            throw InvalidSettings(problems: ["MASTER_KEYS cannot be used: \(error)"])
        }
    }

    /// For addresses and titles only: the gateway calls no provider, so the transport is never started.
    private static func catalog(_ registrations: [ProviderRegistration], _ logger: Logger) -> ProviderCatalog {
        let clients = registrations.compactMap { registration in
            ProviderName(rawValue: registration.name).map { name in
                (
                    name,
                    OAuthClient(
                        clientID: registration.clientID, clientSecret: registration.clientSecret,
                        baseURL: registration.baseURL, directory: registration.directory,
                        hosts: registration.hosts)
                )
            }
        }
        let settings = Dictionary(clients) { first, _ in first }
        let egress = ProviderCatalog.egress(for: settings)
        return ProviderCatalog(
            settings: settings,
            transport: HTTPTransport(configuration: HTTPTransportConfiguration(egress: egress), logger: logger))
    }
}

/// Reads the master keys again when their file changes.
private struct MasterKeyWatch: Service {
    let ring: MasterKeyRing

    func run() async throws {
        await cancelWhenGracefulShutdown { await ring.watch() }
    }
}
