import Hummingbird
import HummingbirdCore
import Jobs
import Logging
import NIOCore
import Postgres
import Redis
import ServiceLifecycle
import Settings
import Telemetry
import UnixSignals

/// The gateway, put together: the one place that knows every part.
struct GatewayParts {
    private let stores: [any Service]
    private let application: any Service
    private let logger: Logger

    /// - Parameter reports: sends error logs to whoever watches. `nil`: nobody does.
    init(_ configuration: GatewayConfiguration, reports: ErrorReporter?, logger: Logger) async throws {
        self.logger = logger
        guard let redisConfiguration = configuration.redis else {
            throw InvalidSettings(problems: ["REDIS_URL cannot be used"])
        }
        let pool = PostgresPool(
            configuration: PostgresConfiguration(
                url: configuration.stores.databaseURL, poolSize: configuration.stores.databasePoolSize,
                applicationName: "errand-gateway",
                preparedStatements: configuration.stores.databasePreparedStatements),
            logger: logger)
        func client(patience: Duration) -> RedisClient {
            var impatient = redisConfiguration
            impatient.commandTimeout = patience
            return RedisClient(configuration: impatient, logger: logger)
        }
        let redis = RedisClient(configuration: redisConfiguration, logger: logger)
        let subscriber = RedisSubscriber(configuration: redisConfiguration, logger: logger)
        let limiterRedis = client(patience: RateLimiter.patience)
        let intakeRedis = client(patience: JobIntake.patience)
        let limiter = RateLimiter(
            limits: configuration.edge.limits, redis: limiterRedis, prefix: configuration.stores.redisPrefix,
            logger: logger)
        let overload = Overload(
            ceiling: configuration.edge.maxRequests, pool: pool, loops: EventLoopGroupProvider.singleton.eventLoopGroup,
            logger: logger)
        let names = RedisNames(prefix: configuration.stores.redisPrefix)
        let observation = GatewayObservation(address: configuration.metricsAddress, logger: logger)
        let health = HealthRoutes(pool: pool, redis: redis)
        let signals = JobSignals(redis: intakeRedis, names: names, logger: logger)
        let intake = JobIntake(
            pool: pool, queue: JobQueue(redis: intakeRedis, names: names), signals: signals, logger: logger)
        let reader = JobReader(store: intake.store, redis: redis, subscriber: subscriber, names: names)
        // Nobody waits long to tell others: they look for themselves within seconds.
        let standings = Standings(
            pool: pool, redis: limiterRedis, subscriber: subscriber, names: names, logger: logger)
        let identity = try await IdentityParts(
            configuration, pool: pool, intake: intake, standings: standings, logger: logger)
        let connections: ConnectionParts? =
            if let settings = configuration.connections {
                try await ConnectionParts(settings, pool: pool, logger: logger)
            } else { nil }
        let calendars = CalendarParts(
            connections: connections, pool: pool, intake: intake,
            topics: TopicReader(names: names, subscriber: subscriber), streams: configuration.edge.streams)
        let routes = GatewayRoutes(
            edge: configuration.edge, limiter: limiter, pool: pool, intake: intake, reader: reader, health: health,
            observation: observation, identity: identity, connections: connections, calendars: calendars,
            sockets: configuration.sockets,
            mailbox: configuration.mailDirectory.map { MailboxRoutes(path: $0, logger: logger) },
            docs: configuration.docs, logger: logger)
        let router = routes.router()
        application = Application(
            router: router,
            server: .http1(configuration: Self.http(configuration, overload)),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil, backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? configuration.port
                logger.info("listening", metadata: ["address": "\(configuration.host):\(port)"])
            },
            logger: logger)
        let observing = try observation.services(
            pool: pool, redis: [redis, limiterRedis, intakeRedis], overload: overload,
            streams: configuration.edge.streams
        ) { await health.readiness() }
        let reporting: [any Service] = reports.map { [$0] } ?? []
        let clients: [any Service] = [redis, limiterRedis, intakeRedis, subscriber]
        stores =
            reporting + observing + clients + [pool, signals, overload, standings] + identity.services
            + (connections?.services ?? [])
    }

    private static func http(
        _ configuration: GatewayConfiguration, _ overload: Overload
    ) -> HTTP1Channel.Configuration {
        let rules = configuration.edge.connections
        let ledger = ConnectionLedger(limit: rules.perAddress, proxies: configuration.edge.proxies)
        let edge = EdgeHeaders(
            crossOrigin: CrossOrigin(origins: configuration.edge.origins), proxies: configuration.edge.proxies)
        return HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                UpgradeHandler(),
                ConnectionGuard(rules: rules, ledger: ledger, overload: overload, edge: edge),
            ],
            idleTimeout: .seconds(Int64(configuration.idleSeconds)),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16_384, maxHeaderListSize: 32_768, maxHeaderFieldCount: 100))
    }

    /// Stopped in the reverse order: the requests first, then what they stand on.
    func serviceGroup() -> ServiceGroup {
        let services = stores + [application]
        return ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
    }
}
