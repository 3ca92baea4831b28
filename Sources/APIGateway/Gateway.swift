import FoundationEssentials
import Hummingbird
import HummingbirdCore
import Jobs
import Logging
import NIOCore
import Postgres
import Redis
import ServiceLifecycle
import Settings
import Store
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

/// The gateway: accepts jobs, answers what became of them, and serves the page.
@main
enum Gateway {
    static func main() async {
        readArguments()
        var reader = SettingsReader.environment()
        do {
            let configuration = try GatewayConfiguration(from: &reader)
            guard let redis = configuration.redis else { throw InvalidSettings(problems: ["REDIS_URL cannot be used"]) }
            try await run(configuration, redis)
        } catch let invalid as InvalidSettings {
            end(78, "\(invalid)")  // EX_CONFIG of sysexits.h
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            end(1, "cannot listen: \(reason). Set HTTP_HOST and HTTP_PORT to an address of this machine that is free.")
        } catch {
            end(1, "\(error)")
        }
    }

    /// There are none but `--help`: everything is set by the environment.
    private static func readArguments() {
        guard let first = CommandLine.arguments.dropFirst().first else { return }
        let usage = "usage: gateway    Everything is set by environment variables; README lists them."
        if first == "--help" || first == "-h" {
            print(usage)
            exit(0)
        }
        end(64, "takes no arguments\n\(usage)")  // EX_USAGE
    }

    private static func end(_ status: Int32, _ message: String) -> Never {
        StandardError.write("gateway: \(message)\n")
        exit(status)
    }

    private static func run(
        _ configuration: GatewayConfiguration, _ redisConfiguration: RedisConfiguration
    ) async throws {
        let level = configuration.logLevel
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let logger = Logger(label: "gateway")
        let pool = PostgresPool(
            configuration: PostgresConfiguration(
                url: configuration.stores.databaseURL, poolSize: configuration.stores.databasePoolSize,
                applicationName: "errand-gateway",
                preparedStatements: configuration.stores.databasePreparedStatements),
            logger: logger)
        let redis = RedisClient(configuration: redisConfiguration, logger: logger)
        let subscriber = RedisSubscriber(configuration: redisConfiguration, logger: logger)
        let names = RedisNames(prefix: configuration.stores.redisPrefix)
        let observation = GatewayObservation(address: configuration.metricsAddress, logger: logger)
        let health = HealthRoutes(pool: pool, redis: redis)
        let router = makeRouter(
            configuration: configuration, pool: pool, redis: redis, subscriber: subscriber, names: names,
            health: health, observation: observation, logger: logger)
        let application = Application(
            router: router,
            server: .http1(configuration: http(configuration)),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil, backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? configuration.port
                logger.info("listening", metadata: ["address": "\(configuration.host):\(port)"])
            },
            logger: logger)
        // Stopped in the reverse order: the requests first, then what they stand on.
        let observing = try observation.services(pool: pool, redis: redis) { await health.readiness() }
        let services: [any Service] = observing + [redis, subscriber, pool, application]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    private static func http(_ configuration: GatewayConfiguration) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            idleTimeout: .seconds(Int64(configuration.idleSeconds)),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16_384, maxHeaderListSize: 32_768, maxHeaderFieldCount: 100))
    }

    private static func makeRouter(
        configuration: GatewayConfiguration, pool: PostgresPool, redis: RedisClient, subscriber: RedisSubscriber,
        names: RedisNames, health: HealthRoutes, observation: GatewayObservation, logger: Logger
    ) -> Router<GatewayContext> {
        let intake = JobIntake(
            pool: pool, queue: JobQueue(redis: redis, names: names), signals: JobSignals(redis: redis, names: names),
            logger: logger)
        let reader = JobReader(store: intake.store, redis: redis, subscriber: subscriber, names: names)
        let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ObservationMiddleware(measures: observation.measures, tracer: observation.tracer))
        router.add(middleware: ProblemMiddleware())
        health.mount(on: router)
        PageRoutes().mount(on: router)
        let api = router.group("api/v1").add(middleware: Authentication(keys: configuration.keys))
        JobRoutes(intake: intake, reader: reader).mount(on: api)
        ControlRoutes(intake: intake).mount(on: api)
        BatchRoutes(intake: intake, reader: reader).mount(on: api)
        ScheduleRoutes(intake: intake).mount(on: api)
        ServiceRoutes(intake: intake).mount(on: api)
        ChatRoutes(intake: intake, conversations: Conversations(pool: pool)).mount(on: api)
        return router
    }
}
