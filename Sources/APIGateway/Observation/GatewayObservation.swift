import Domain
import FoundationEssentials
import Jobs
import Logging
import Metrics
import Postgres
import Redis
import ServiceLifecycle
import Settings
import Synchronization
import Telemetry

/// What a gateway tells about itself: metrics and spans. Each is off unless it is asked for.
struct GatewayObservation {
    let measures = RequestMeasures()
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
        let configuration = TracingConfiguration.read(ProcessInfo.processInfo.environment, service: "errand-gateway") {
            logger.warning("tracing", metadata: ["problem": "\($0)"])
        }
        exporter = configuration.map { SpanExporter(configuration: $0, logger: logger) }
    }

    private static let descriptions = RequestMeasures.help
        .merging(RateLimiter.help) { own, _ in own }.merging(SocketCensus.help) { own, _ in own }
        .merging(ErrorReporter.help) { own, _ in own }.merging(Overload.help) { own, _ in own }
        .merging(JobMetrics.help) { own, _ in own }.merging(SpanExporter.help) { own, _ in own }
        .mapValues { MetricDescription($0) }.merging(processHelp) { own, _ in own }

    private static let processHelp: [String: MetricDescription] = [
        "errand_database_waiters": "Callers that wait for a database connection now.",
        "errand_http_streams_open": "Streams and waits that are open.",
        "errand_redis_waiting_commands": "Commands that wait for Redis now.",
    ]

    var tracer: Tracer { exporter?.tracer ?? .off }

    /// What has to run first, and so ends last.
    /// - Parameter readiness: what the gateway's own route says.
    func services(
        pool: PostgresPool, redis: [RedisClient], overload: Overload, streams: OpenStreams,
        readiness: @escaping @Sendable () async -> MetricsServer.Readiness
    ) throws -> [any Service] {
        var services: [any Service] = exporter.map { [$0] } ?? []
        guard let registry, let address else { return services }
        registry.collect { [measures] in
            [
                Sample("errand_http_requests_open", value: Double(measures.open.load(ordering: .relaxed))),
                Sample("errand_database_waiters", value: Double(pool.waiting)),
                Sample("errand_http_streams_open", value: Double(streams.open)),
                Sample("errand_http_requests_shed", .counter, value: Double(overload.shed)),
                Sample("errand_http_admission_limit", value: overload.limit),
                Sample("errand_redis_waiting_commands", value: Double(redis.reduce(0) { $0 + $1.waitingCommands })),
            ]
        }
        services.append(
            try MetricsServer(
                host: address.host, port: address.port, registry: registry, logger: logger, readiness: readiness))
        return services
    }
}
