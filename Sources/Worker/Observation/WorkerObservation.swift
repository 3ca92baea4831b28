import Domain
import Jobs
import Logging
import Postgres
import Redis
import ServiceLifecycle
import Settings
import Telemetry

/// What a worker tells about itself: also whether it is ready.
struct WorkerObservation {
    private let process: ProcessObservation

    /// Once a process, before the first metric is made.
    /// - Parameter address: where its metrics can be had. `nil`: nowhere.
    init(address: ListenAddress?, logger: Logger) {
        process = ProcessObservation(
            address: address.map { ($0.host, $0.port) }, service: "errand-worker", descriptions: Self.descriptions,
            logger: logger)
    }

    private static let descriptions = JobMetrics.help.merging(QuotaGovernor.help) { own, _ in own }
        .mapValues { MetricDescription($0) }
        .merging(QueueSamples.help) { own, _ in own }.merging(processHelp) { own, _ in own }

    private static let processHelp: [String: MetricDescription] = [
        "errand_running_attempts": "Attempts that run in this process now.",
        "errand_database_waiters": "Callers that wait for a database connection now.",
        "errand_redis_waiting_commands": "Commands that wait for Redis now.",
    ]

    var tracer: Tracer { process.tracer }

    /// What has to run first, and so ends last.
    func services(_ worker: WorkerService, pool: PostgresPool, redis: RedisClient) throws -> [any Service] {
        let store = JobStore(pool: pool)
        let queues: PrometheusRegistry.Source = { QueueSamples.samples(try await store.queueStates().states) }
        let vital: PrometheusRegistry.Source = {
            [
                Sample("errand_running_attempts", value: Double(worker.runningAttempts)),
                Sample("errand_database_waiters", value: Double(pool.waiting)),
                Sample("errand_redis_waiting_commands", value: Double(redis.waitingCommands)),
            ]
        }
        return try process.services(sources: [queues, vital]) { Self.readiness(worker.consumption.stalled()) }
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
