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
import Telemetry
import UnixSignals

#if canImport(Glibc)
import Glibc
#endif

/// The worker, put together: the one place that knows every part.
struct WorkerParts {
    private let stores: [any Service]
    private let worker: WorkerService
    private let schedules: BuiltInSchedules
    private let observation: [any Service]
    private let logger: Logger

    /// - Throws: `VaultError` when the master keys cannot be used.
    init(
        settings: WorkerSettings, queues: [QueueName], concurrency: Int, logger: Logger, reports: ErrorReporter?
    ) async throws {
        self.logger = logger
        let observation = WorkerObservation(address: settings.metricsAddress, logger: logger)
        func makePool(_ size: Int, _ name: String) -> PostgresPool {
            PostgresPool(
                configuration: PostgresConfiguration(
                    url: settings.stores.databaseURL, poolSize: size, applicationName: name,
                    preparedStatements: settings.stores.databasePreparedStatements),
                logger: logger)
        }
        let pool = makePool(settings.stores.databasePoolSize, "errand-worker")
        let vitalPool = makePool(2, "errand-worker-heartbeat")
        guard let redisConfiguration = settings.redis else {
            throw InvalidSettings(problems: ["REDIS_URL cannot be used"])
        }
        let redis = RedisClient(configuration: redisConfiguration, logger: logger)
        let subscriber = RedisSubscriber(configuration: redisConfiguration, logger: logger)
        let blocking = Dictionary(
            uniqueKeysWithValues: queues.map {
                ($0, RedisBlockingClient(configuration: redisConfiguration, logger: logger))
            })
        // The model's address is the operator's own choice, so any is right; a tenant cannot name one.
        let transport = HTTPTransport(configuration: HTTPTransportConfiguration(egress: .any), logger: logger)
        var configuration = WorkerService.Configuration(
            queues: queues, concurrency: concurrency, drainGrace: .seconds(settings.drainSeconds),
            timings: WorkerTimings(deadAfterSeconds: settings.deadAfterSeconds),
            quarantineAfter: settings.quarantineAfter, host: Self.hostName(), processID: getpid())
        configuration.retention = settings.retention
        configuration.trace = AttemptSpans(tracer: observation.tracer).start
        let names = RedisNames(prefix: settings.stores.redisPrefix)
        let connections: ConnectionParts? =
            if let set = settings.connections {
                try await ConnectionParts(
                    set, renewals: settings.renewals, calendars: settings.calendars,
                    quota: settings.calendarQuota, pool: pool, redis: redis, names: names, logger: logger)
            } else { nil }
        worker = WorkerService(
            configuration: configuration,
            handlers: Self.handlers(
                settings, connections, pool: pool, transport: transport, tracer: observation.tracer, logger: logger),
            pool: pool, vitalPool: vitalPool,
            redis: redis, subscriber: subscriber, blocking: blocking, names: names, logger: logger)
        schedules = BuiltInSchedules(
            store: JobStore(pool: pool), hasConnections: connections != nil, logger: logger)
        self.observation = (reports.map { [$0] } ?? []) + (try observation.services(worker, pool: pool, redis: redis))
        stores =
            [pool, vitalPool, redis, subscriber] + blocking.values.map { $0 as any Service } + [transport]
            + (connections?.services ?? [])
    }

    /// Every job kind and the handler that runs it.
    private static func handlers(
        _ settings: WorkerSettings, _ connections: ConnectionParts?, pool: PostgresPool, transport: HTTPTransport,
        tracer: Tracer, logger: Logger
    ) -> HandlerCatalog {
        var handlers = HandlerCatalog()
        if let connections {
            connections.register(in: &handlers)
        } else {
            ConnectionParts.registerOff(in: &handlers)
        }
        handlers.register(NoopHandler())
        handlers.register(
            SweepRetentionHandler(
                retention: Retention(
                    store: JobStore(pool: pool), periods: settings.retention, logger: logger)))
        let ending = WorkspaceEnding(
            connections: connections?.ending, operations: ConnectionOperations(pool: pool), logger: logger)
        handlers.register(
            SweepAccountsHandler(
                retention: AccountRetention(pool: pool, periods: settings.accountPeriods), ending: ending))
        handlers.register(EraseAccountHandler(erasure: AccountErasure(pool: pool), ending: ending))
        handlers.register(
            SendMailHandler(
                context: MailContext(pool: pool), office: settings.mail?.office(logger: logger),
                titles: connections?.titles ?? [:]))
        handlers.register(
            AnswerChatHandler(
                conversations: Conversations(pool: pool),
                model: OpenAIChatModel(
                    baseURL: settings.modelBaseURL, apiKey: settings.modelKey, model: settings.modelName,
                    transport: transport),
                modelName: settings.modelName, systemPrompt: settings.systemPrompt,
                window: HistoryWindow(
                    contextTokens: settings.contextTokens, reservedTokens: settings.maxOutputTokens),
                tracer: tracer))
        return handlers
    }

    /// Stopped in the reverse order: the worker drains first, then what it stands on goes.
    func serviceGroup() -> ServiceGroup {
        let services: [any Service] = observation + stores + [worker.signals, schedules, worker.reconciler, worker]
        return ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
    }

    private static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
