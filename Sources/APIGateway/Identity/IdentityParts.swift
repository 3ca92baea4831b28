import Domain
import HTTPTransport
import Jobs
import Logging
import Postgres
import ServiceLifecycle
import Vault

/// What tells who callers are, put together from the settings.
struct IdentityParts {
    let identification: Identification
    let standings: Standings
    /// `nil`: there are none.
    let accounts: Accounts?
    /// Published for whoever verifies our tokens. `nil` without accounts.
    let signingKeys: SigningKeys?
    let services: [any Service]

    init(
        _ configuration: GatewayConfiguration, pool: PostgresPool, intake: JobIntake, standings: Standings,
        logger: Logger
    ) async throws {
        self.standings = standings
        var services: [any Service] = []
        var foreign: ForeignIssuer?
        var accounts: Accounts?
        var signingKeys: SigningKeys?
        if let settings = configuration.accounts {
            let keys = try await SigningKeys(path: settings.keysFile, logger: logger)
            signingKeys = keys
            services.append(KeyWatch(keys: keys))
            accounts = try await Self.accounts(settings, keys, pool: pool, intake: intake, standings: standings)
            if let supabase = settings.supabase {
                // The address is the operator's own choice, so any is right.
                let transport = HTTPTransport(
                    configuration: HTTPTransportConfiguration(egress: .any), logger: logger)
                services.append(transport)
                foreign = try await ForeignIssuer(supabase, transport: transport, logger: logger)
            }
        }
        self.accounts = accounts
        self.signingKeys = signingKeys
        self.services = services
        identification = Identification(
            configuredKeys: configuration.keys, standings: standings, credentials: accounts?.credentials,
            foreign: foreign, sites: SiteCheck(allowedOrigins: configuration.edge.origins))
    }

    private static func accounts(
        _ settings: AccountSettings, _ keys: SigningKeys, pool: PostgresPool, intake: JobIntake, standings: Standings
    ) async throws -> Accounts {
        let breached: BreachedPasswords? =
            if let path = settings.breachedPasswordsFile { try await BreachedPasswords(path: path) } else { nil }
        let access = AccessTokens(keys: keys, issuer: settings.issuer, lifeSeconds: settings.accessMinutes * 60)
        return Accounts(
            settings: settings, pool: pool, intake: intake, standings: standings,
            credentials: Credentials(secrets: settings.secrets, access: access),
            hasher: try PasswordHasher(),
            rules: PasswordRules(minCharacters: settings.minPasswordCharacters, breached: breached),
            refreshes: Refreshes(pool: pool, graceSeconds: settings.refreshGraceSeconds))
    }
}

/// Reads the signing keys again when their file changes.
private struct KeyWatch: Service {
    let keys: SigningKeys

    func run() async throws {
        await cancelWhenGracefulShutdown { await keys.watch() }
    }
}
