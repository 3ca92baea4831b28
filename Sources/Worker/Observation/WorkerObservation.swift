import Domain
import FoundationEssentials
import Jobs
import Logging
import Metrics
import Postgres
import Redis
import ServiceLifecycle
import Settings
import Telemetry

/// What a worker tells about itself: metrics, whether it is ready, and spans. Each is off unless it is asked for.
struct WorkerObservation {
    private let registry: PrometheusRegistry?
    private let exporter: SpanExporter?
    private let address: ListenAddress?
    private let logger: Logger

    /// Once a process, before the first metric is made.
    init(address: ListenAddress?, logger: Logger) {
        self.address = address
        self.logger = logger
        registry = address.map { _ in PrometheusRegistry(descriptions: Self.descriptions) }
        if let registry { MetricsSystem.bootstrap(registry) }
        let configuration = TracingConfiguration.read(ProcessInfo.processInfo.environment, service: "errand-worker") {
            logger.warning("tracing", metadata: ["problem": "\($0)"])
        }
        exporter = configuration.map { SpanExporter(configuration: $0, logger: logger) }
    }

    private static let descriptions: [String: MetricDescription] = {
        var all = QueueSamples.help
        for (name, help) in JobMetrics.help { all[name] = MetricDescription(help) }
        for (name, help) in ErrorReporter.help { all[name] = MetricDescription(help) }
        for (name, help) in SpanExporter.help { all[name] = MetricDescription(help) }
        return all.merging(processHelp) { given, _ in given }
    }()

    private static let processHelp: [String: MetricDescription] = [
        "errand_running_attempts": "Attempts that run in this process now.",
        "errand_database_waiters": "Callers that wait for a database connection now.",
        "errand_redis_waiting_commands": "Commands that wait for Redis now.",
    ]

    var tracer: Tracer { exporter?.tracer ?? .off }

    /// What has to run first, and so ends last.
    func services(_ worker: WorkerService, pool: PostgresPool, redis: RedisClient) throws -> [any Service] {
        var services: [any Service] = exporter.map { [$0] } ?? []
        guard let registry, let address else { return services }
        let store = JobStore(pool: pool)
        registry.collect { QueueSamples.samples(try await store.queueStates().states) }
        registry.collect {
            [
                Sample("errand_running_attempts", value: Double(worker.runningAttempts)),
                Sample("errand_database_waiters", value: Double(pool.waiting)),
                Sample("errand_redis_waiting_commands", value: Double(redis.waitingCommands)),
            ]
        }
        services.append(
            try MetricsServer(host: address.host, port: address.port, registry: registry, logger: logger) {
                Self.readiness(worker.consumption.stalled())
            })
        return services
    }

    /// A worker is ready when it takes jobs: a store that answers a ping says less.
    private static func readiness(_ stalled: [QueueName]) -> MetricsServer.Readiness {
        var writer = JSONWriter(capacity: 128)
        writer.object { object in
            object.field("status", stalled.isEmpty ? "ready" : "not_ready")
            object.key("stalled_queues")
            object.array { array in for name in stalled { array.string(name.rawValue) } }
        }
        return MetricsServer.Readiness(isReady: stalled.isEmpty, json: writer.bytes)
    }
}
