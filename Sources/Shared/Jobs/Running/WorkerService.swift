package import Domain
package import Logging
package import Postgres
package import Redis
import ServiceLifecycle
import Synchronization

/// Runs jobs of some queues until shutdown: then it takes no more, lets running attempts end until the grace is over,
/// and hands the rest back.
///
/// A process that was declared dead, or could not reach the store for too long, stops everything it does and starts
/// again as a new worker.
package struct WorkerService: Service {
    package struct Configuration: Sendable {
        package var queues: [QueueName]
        /// Attempts at once, over all queues.
        package var concurrency: Int
        package var drainGrace: Duration
        package var timings: WorkerTimings
        package var policy: RetryPolicy
        /// How many workers a job may take down before it is failed.
        package var quarantineAfter: Int
        package var host: String
        package var processID: Int32
        package var retention = RetentionPeriods()
        /// Makes the span of an attempt.
        package var trace: AttemptTrace.Start = AttemptTrace.passOn

        package init(
            queues: [QueueName], concurrency: Int, drainGrace: Duration, timings: WorkerTimings = WorkerTimings(),
            policy: RetryPolicy = .standard, quarantineAfter: Int = 3, host: String, processID: Int32
        ) {
            self.queues = queues
            self.concurrency = concurrency
            self.drainGrace = drainGrace
            self.timings = timings
            self.policy = policy
            self.quarantineAfter = quarantineAfter
            self.host = host
            self.processID = processID
        }
    }

    let configuration: Configuration
    let handlers: HandlerCatalog
    let store: JobStore
    let registry: WorkerRegistry
    let queue: JobQueue
    let names: RedisNames
    let rescuer: Rescuer
    let feeder: Feeder
    let settings: SettingsWatch
    let measures = AttemptMeasures()
    let living = LivingWorkers()
    /// Whether jobs can be taken.
    package let consumption: Consumption
    /// Attempts that run in this process now.
    package var runningAttempts: Int { measures.running.load(ordering: .relaxed) }
    let subscriber: RedisSubscriber
    let blocking: [QueueName: RedisBlockingClient]
    let settler: Settler
    let events: EventLog
    /// Run it beside this service.
    package let signals: JobSignals
    let logger: Logger

    /// - Parameters:
    ///   - pool: for the work.
    ///   - vitalPool: for heartbeats alone, so that a busy pool never makes a worker look dead.
    ///   - blocking: a connection for each of the queues.
    package init(
        configuration: Configuration, handlers: HandlerCatalog, pool: PostgresPool, vitalPool: PostgresPool,
        redis: RedisClient, subscriber: RedisSubscriber, blocking: [QueueName: RedisBlockingClient],
        names: RedisNames, logger: Logger
    ) {
        self.configuration = configuration
        self.handlers = handlers
        store = JobStore(pool: pool)
        registry = WorkerRegistry(pool: vitalPool)
        queue = JobQueue(redis: redis, names: names)
        events = EventLog(redis: redis, names: names)
        signals = JobSignals(redis: redis, names: names, logger: logger)
        let announcer = Announcer(store: store, queue: queue, signals: signals)
        settings = SettingsWatch(store: store, queue: queue, queues: configuration.queues, logger: logger)
        feeder = Feeder(store: store, queue: queue, logger: logger)
        consumption = Consumption(configuration.queues)
        rescuer = Rescuer(
            store: store, registry: registry, queue: queue, announcer: announcer, settings: settings,
            quarantineAfter: configuration.quarantineAfter, logger: logger)
        settler = Settler(store: store, pool: pool, announcer: announcer, settings: settings, logger: logger)
        self.subscriber = subscriber
        self.blocking = blocking
        self.names = names
        self.logger = logger
    }

    /// Brings jobs back that nobody would run any more; run it beside this service.
    package var reconciler: Reconciler {
        Reconciler(
            rescuer: rescuer, feeder: feeder, living: living,
            scheduler: Scheduler(store: store, queue: queue, logger: logger), store: store,
            retention: Retention(store: store, periods: configuration.retention, logger: logger),
            queues: configuration.queues, timings: configuration.timings, logger: logger)
    }

    package func run() async throws {
        await settings.read()
        var earlier: WorkerID?
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let worker = WorkerID.make()
            let sent = ContinuousClock.now
            do {
                // This process lives: whatever the one it was before ran has not killed it.
                if let earlier { try await registry.survive(earlier) }
                try await registry.register(
                    .init(
                        id: worker, host: configuration.host, processID: configuration.processID,
                        queues: configuration.queues, concurrency: configuration.concurrency))
            } catch {
                logger.error("cannot register", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(500))
                continue
            }
            logger.info("worker runs", metadata: ["worker": "\(worker)"])
            await WorkerLife(service: self, worker: worker, registered: sent).run()
            earlier = worker
        }
    }
}
