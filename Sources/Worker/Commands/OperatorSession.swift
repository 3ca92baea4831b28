import ArgumentParser
import Domain
import Jobs
import Logging
import Postgres
import Redis
import Settings
import Store

/// The stores for the time of one operator's command, as the worker's role: it sees every tenant.
struct OperatorSession: Sendable {
    let store: JobStore
    let intake: JobIntake
    let signals: JobSignals
    let queue: JobQueue
    let accounts: AccountOperations
    let keys: KeyOperations
    /// For what only one command does.
    let pool: PostgresPool
    private let redis: RedisClient
    private let names: RedisNames

    /// How long Redis may take: what it would tell the workers, they read by themselves a second later.
    private static let redisPatience = Duration.seconds(2)

    /// Runs a command. An error that is not the command's own becomes a message and an exit status of sysexits.h.
    static func with(_ body: @escaping @Sendable (OperatorSession) async throws -> Void) async throws {
        var reader = SettingsReader.environment()
        let settings = StoreSettings(from: &reader, role: "errand_worker")
        let redisConfiguration = reader.made("redis.url", of: settings.redisURL) {
            try RedisConfiguration(url: $0, connectTimeout: redisPatience, commandTimeout: redisPatience)
        }
        try ExitCode.orThrow { try reader.finish() }
        guard let redisConfiguration else { throw ExitCode.configuration }
        var logger = Logger(label: "worker", factory: { StreamLogHandler.standardError(label: $0) })
        // What goes wrong is said once, by the command.
        logger.logLevel = .critical
        let pool = PostgresPool(
            configuration: PostgresConfiguration(
                url: settings.databaseURL, poolSize: 2, applicationName: "errand-operator",
                preparedStatements: settings.databasePreparedStatements),
            logger: logger)
        let redis = RedisClient(configuration: redisConfiguration, logger: logger)
        let names = RedisNames(prefix: settings.redisPrefix)
        let queue = JobQueue(redis: redis, names: names)
        let signals = JobSignals(redis: redis, names: names, logger: logger)
        let session = OperatorSession(
            store: JobStore(pool: pool),
            intake: JobIntake(pool: pool, queue: queue, signals: signals, logger: logger), signals: signals,
            queue: queue, accounts: AccountOperations(pool: pool), keys: KeyOperations(pool: pool), pool: pool,
            redis: redis, names: names)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            group.addTask { try await redis.run() }
            defer { group.cancelAll() }
            try await explained { try await body(session) }
        }
    }

    private static func explained(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as PostgresError {
            StandardError.write("worker: \(error)\n")
            throw error.isServersAnswer ? ExitCode.software : ExitCode.unavailable
        } catch let error as RedisError {
            StandardError.write("worker: \(error)\n")
            throw ExitCode.unavailable
        } catch let error as JobStoreError {
            StandardError.write("worker: the database is newer than this program: \(error)\n")
            throw ExitCode.software
        }
    }

    /// Makes the workers look at what was changed. Without Redis they see it a second later.
    func tellWorkers() async {
        do {
            try await signals.settingsChanged()
        } catch {
            StandardError.write("worker: changed; Redis does not answer, so workers may take a second to see it\n")
        }
    }

    /// Makes the gateways look again at who a person is and what they may do.
    func tellGateways(of user: UserID) async { await tellGateways("user \(user)") }

    /// Makes the gateways look again at every key.
    func tellGatewaysOfKeys() async { await tellGateways("keys") }

    private func tellGateways(_ change: String) async {
        do {
            _ = try await redis.send(RedisCommand(["PUBLISH", RedisWord(names.standings), RedisWord(change)]))
        } catch {
            StandardError.write("worker: changed; Redis does not answer, so gateways may take seconds to see it\n")
        }
    }
}

extension PostgresError {
    /// The server is there and said no.
    fileprivate var isServersAnswer: Bool {
        if case .server = self { return true }
        return false
    }
}

extension ExitCode {
    /// EX_DATAERR: what was named does not exist, or is not in the right state.
    static let dataError = ExitCode(65)
    /// EX_UNAVAILABLE: a store does not answer.
    static let unavailable = ExitCode(69)
    /// EX_SOFTWARE.
    static let software = ExitCode(70)

    /// Says what a command would do that wants `--yes`. EX_USAGE: whoever forgot it must not take it as done.
    static func unconfirmed(_ finding: String) -> ExitCode {
        StandardError.write("worker: \(finding). Nothing was done: repeat with --yes.\n")
        return validationFailure
    }

    /// Says why a command did nothing.
    static func refuse(_ message: String) -> ExitCode {
        StandardError.write("worker: \(message)\n")
        return dataError
    }
}
