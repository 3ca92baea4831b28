import Domain
import HTTPTransport
import Jobs
import Logging
import Postgres
import Providers
import Redis
import ServiceLifecycle
import Settings
import Store
import Vault

/// What the jobs of connections stand on, put together.
struct ConnectionParts: Sendable {
    private let pool: PostgresPool
    private let connections: Connections
    private let authorizations: Authorizations
    private let providers: ProviderCatalog
    private let intake: JobIntake
    private let renewals: RenewalSettings
    private let calendars: CalendarParts
    private let logger: Logger
    /// To run below the worker.
    let services: [any Service]

    /// - Throws: `VaultError` when the master keys cannot be used.
    init(
        _ settings: ConnectionSettings, renewals: RenewalSettings, calendars: CalendarSettings, quota: QuotaLimits,
        pool: PostgresPool, redis: RedisClient, names: RedisNames, logger: Logger
    ) async throws {
        let ring = try await settings.masterKeyRing(logger: logger)
        let vault = TokenVault(pool: pool, wrapping: LocalKeyWrapping(ring))
        let clients = settings.clients
        let transport = HTTPTransport(
            configuration: HTTPTransportConfiguration(egress: ProviderCatalog.egress(for: clients)), logger: logger)
        let signals = JobSignals(redis: redis, names: names, logger: logger)
        self.pool = pool
        connections = Connections(pool: pool, vault: vault)
        authorizations = Authorizations(pool: pool, vault: vault)
        providers = ProviderCatalog(settings: clients, transport: transport)
        let queue = JobQueue(redis: redis, names: names)
        intake = JobIntake(pool: pool, queue: queue, signals: signals, logger: logger)
        self.renewals = renewals
        let calls = CalendarCalls(
            client: GoogleCalendar(transport: transport, baseURL: clients[GoogleOAuth.name]?.baseURL),
            tokens: AccessTokens(connections: connections, intake: intake),
            governor: QuotaGovernor(limits: quota, redis: redis, names: names, logger: logger))
        self.calendars = CalendarParts(
            pool: pool, calls: calls, intake: intake, settings: calendars,
            wake: CalendarWake(signals: signals, queue: queue))
        self.logger = logger
        services = [transport, signals, MasterKeyWatch(ring: ring)]
    }

    /// How people know the providers.
    var titles: [ProviderName: String] {
        Dictionary(uniqueKeysWithValues: providers.providers.map { ($0.about.name, $0.about.title) })
    }

    var ending: ConnectionEnding {
        ConnectionEnding(
            connections: connections, providers: providers, channels: calendars.closing, logger: logger)
    }

    func register(in handlers: inout HandlerCatalog) {
        let store = JobStore(pool: pool)
        handlers.register(
            RenewTokenHandler(
                renewal: TokenRenewal(
                    connections: connections, providers: providers, notice: ReconnectNotice(pool: pool),
                    settings: renewals, logger: logger)))
        handlers.register(
            CompleteConnectionHandler(
                pool: pool, authorizations: authorizations, connections: connections, providers: providers,
                ending: ending, store: store, logger: logger))
        handlers.register(CheckConnectionHandler(tokens: AccessTokens(connections: connections, intake: intake)))
        handlers.register(
            DisconnectHandler(
                connections: connections, ending: ending, calendars: Calendars(pool: pool), store: store))
        calendars.register(in: &handlers)
        handlers.register(
            SweepTokensHandler(
                sweep: ConnectionSweep(pool: pool), intake: intake,
                providers: Set(providers.providers.map(\.about.name)), perSecond: renewals.perSecond))
    }

    /// Where no master key is set.
    static func registerOff(in handlers: inout HandlerCatalog) {
        handlers.register(ConnectionsOffHandler<RenewToken>())
        handlers.register(ConnectionsOffHandler<CompleteConnection>())
        handlers.register(ConnectionsOffHandler<CheckConnection>())
        handlers.register(ConnectionsOffHandler<Disconnect>())
        handlers.register(ConnectionsOffHandler<SweepTokens>())
        CalendarParts.registerOff(in: &handlers)
    }
}

/// Reads the master keys again when their file changes.
private struct MasterKeyWatch: Service {
    let ring: MasterKeyRing

    func run() async throws {
        await cancelWhenGracefulShutdown { await ring.watch() }
        // A text has nothing to watch; a service that returns ends the others.
        try? await gracefulShutdown()
    }
}
