package import Domain
package import Jobs
package import Postgres
package import Redis

/// The engine's parts over one test's own schema and key prefix, without a running worker.
package struct Engine: Sendable {
    package let stores: TestStores
    package let owner: PostgresPool
    package let workerPool: PostgresPool
    package let gatewayPool: PostgresPool
    package let redis: RedisClient
    package let subscriber: RedisSubscriber

    package var store: JobStore { JobStore(pool: workerPool) }
    package var registry: WorkerRegistry { WorkerRegistry(pool: workerPool) }
    package var queue: JobQueue { JobQueue(redis: redis, names: stores.names) }
    package var signals: JobSignals { JobSignals(redis: redis, names: stores.names, logger: TestStores.silent) }
    package var log: EventLog { EventLog(redis: redis, names: stores.names) }
    package var intake: JobIntake {
        JobIntake(pool: gatewayPool, queue: queue, signals: signals, logger: TestStores.silent)
    }
    package var announcer: Announcer {
        Announcer(store: store, queue: queue, signals: signals)
    }
    package var settings: SettingsWatch {
        SettingsWatch(store: store, queue: queue, queues: [.default], logger: TestStores.silent)
    }
    package var rescuer: Rescuer {
        Rescuer(
            store: store, registry: registry, queue: queue, announcer: announcer, settings: settings,
            logger: TestStores.silent)
    }
    package var feeder: Feeder { Feeder(store: store, queue: queue, logger: TestStores.silent) }
    package var reader: JobReader {
        JobReader(store: JobStore(pool: gatewayPool), redis: redis, subscriber: subscriber, names: stores.names)
    }

    /// Everything ready for the time of a body, and gone afterwards.
    package static func with(_ body: @Sendable (Engine) async throws -> Void) async throws {
        let stores = try await TestStores.make()
        let configuration = try stores.redisConfiguration
        let engine = Engine(
            stores: stores, owner: pool(stores, nil), workerPool: pool(stores, "errand_worker"),
            gatewayPool: pool(stores, "errand_gateway"),
            redis: RedisClient(configuration: configuration, logger: TestStores.silent),
            subscriber: RedisSubscriber(configuration: configuration, logger: TestStores.silent))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.owner.run() }
            group.addTask { try await engine.workerPool.run() }
            group.addTask { try await engine.gatewayPool.run() }
            group.addTask { try await engine.redis.run() }
            group.addTask { try await engine.subscriber.run() }
            defer { group.cancelAll() }
            try await body(engine)
        }
        try await stores.drop()
    }

    private static func pool(_ stores: TestStores, _ role: String?) -> PostgresPool {
        PostgresPool(
            configuration: PostgresConfiguration(
                url: stores.databaseURL(as: role), poolSize: 4, acquireTimeout: .seconds(60),
                applicationName: stores.schema),
            logger: TestStores.silent)
    }

    /// A worker the others can see.
    package func register(_ queues: [QueueName] = [.default]) async throws -> WorkerID {
        let id = WorkerID.make()
        try await registry.register(.init(id: id, host: "test", processID: 1, queues: queues, concurrency: 1))
        return id
    }

    /// Declares a worker dead by another's eyes.
    package func bury(_ worker: WorkerID) async throws {
        for peer in try await registry.peers(of: .make()) where peer.id == worker { try await rescuer.bury(peer) }
    }

    /// Takes up to `count` jobs of the default queue.
    package func take(_ count: Int, by worker: WorkerID, claimed: Bool = true) async throws -> [JobID] {
        try await queue.take(upTo: count, from: .default, by: worker, claimed: claimed).jobs.map(\.id)
    }

    /// Accepts a no-op job.
    package func accept(tenant: TenantID = .make(), key: String? = nil, queue: QueueName = .default) async throws -> Job
    {
        let specification = try Noop(key: key).specification(queue: queue)
        return try await intake.accept(NewJob(tenant: tenant, specification: specification))
    }
}
