import Domain
import Jobs
import Logging
import Postgres
import Redis
import ServiceLifecycle
import Settings
import Synchronization
import Telemetry

/// What a gateway tells about itself.
struct GatewayObservation {
    let measures = RequestMeasures()
    private let process: ProcessObservation

    /// Once a process, before the first metric is made.
    /// - Parameter address: where its metrics can be had. `nil`: nowhere.
    init(address: ListenAddress?, logger: Logger) {
        process = ProcessObservation(
            address: address.map { ($0.host, $0.port) }, service: "errand-gateway", descriptions: Self.descriptions,
            logger: logger)
    }

    private static let descriptions = RequestMeasures.help
        .merging(RateLimiter.help) { own, _ in own }.merging(SocketCensus.help) { own, _ in own }
        .merging(Overload.help) { own, _ in own }.merging(JobMetrics.help) { own, _ in own }
        .mapValues { MetricDescription($0) }.merging(processHelp) { own, _ in own }

    private static let processHelp: [String: MetricDescription] = [
        "errand_database_waiters": "Callers that wait for a database connection now.",
        "errand_http_streams_open": "Streams and waits that are open.",
        "errand_redis_waiting_commands": "Commands that wait for Redis now.",
    ]

    var tracer: Tracer { process.tracer }

    /// What has to run first, and so ends last.
    /// - Parameter readiness: what the gateway's own route says.
    func services(
        pool: PostgresPool, redis: [RedisClient], overload: Overload, streams: OpenStreams,
        readiness: @escaping @Sendable () async -> MetricsServer.Readiness
    ) throws -> [any Service] {
        let source: PrometheusRegistry.Source = { [measures] in
            [
                Sample("errand_http_requests_open", value: Double(measures.open.load(ordering: .relaxed))),
                Sample("errand_database_waiters", value: Double(pool.waiting)),
                Sample("errand_http_streams_open", value: Double(streams.open)),
                Sample("errand_http_requests_shed", .counter, value: Double(overload.shed)),
                Sample("errand_http_admission_limit", value: overload.limit),
                Sample("errand_redis_waiting_commands", value: Double(redis.reduce(0) { $0 + $1.waitingCommands })),
            ]
        }
        return try process.services(sources: [source], readiness: readiness)
    }
}
