package import Logging
import ServiceLifecycle

/// A bounded set of connections that open on demand. Callers beyond `poolSize` wait in order, each until its deadline.
///
/// All bounds hold from the first call on, also without `run`; `run` is what closes the pool.
package final class PostgresPool: Service, Sendable {
    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let gate: PoolGate

    /// Does no I/O: a wrong URL shows at the first call, as `connect`.
    package init(configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        gate = PoolGate(
            size: configuration.poolSize, maxWaiters: configuration.maxWaiters,
            acquireTimeout: configuration.acquireTimeout)
    }

    /// Callers that wait for a connection now, for metrics.
    package var waiting: Int { gate.waiting }

    /// Returns after a graceful shutdown, or after the task was cancelled, with every connection closed. New calls are
    /// refused at once; those under way may go on for `drainTimeout` (none when cancelled), then they are stopped.
    package func run() async throws {
        do {
            try await gracefulShutdown()
            await close(drainingFor: configuration.drainTimeout)
        } catch {
            await close(drainingFor: .zero)
        }
    }

    /// Runs one statement in a transaction of its own, with the settings in the same round trip. Rows of the result.
    package func query(
        _ statement: Statement, _ parameters: [PostgresValue] = [], settings: [PostgresSetting] = []
    ) async throws -> [PostgresRow] {
        try await single(statement, parameters, settings).rows
    }

    /// Runs one statement like `query`. Rows affected, 0 for statements that count none.
    @discardableResult
    package func execute(
        _ statement: Statement, _ parameters: [PostgresValue] = [], settings: [PostgresSetting] = []
    ) async throws -> Int {
        try await single(statement, parameters, settings).affectedRows
    }

    /// Commits when `body` returns and undoes everything when it throws, which is thrown on. The settings hold inside
    /// only. A body that returns although one of its statements failed gets `server` with 25P02.
    @discardableResult
    package func transaction<T: Sendable>(
        settings: [PostgresSetting] = [], _ body: @Sendable (PostgresTransaction) async throws -> T
    ) async throws -> T {
        try await withConnection { connection in
            let transaction = try PostgresTransaction(connection, settings: settings)
            do {
                let value = try await body(transaction)
                try await transaction.finish()
                return value
            } catch {
                await transaction.undo()
                throw error
            }
        }
    }

    /// Runs a text of several statements by the simple protocol, on a connection that is closed afterwards, as the text
    /// may have changed its session. Without a BEGIN of its own it is one transaction. No result, no parameters.
    package func script(_ sql: String) async throws {
        try await withConnection(keep: false) { connection in
            try await connection.callScript(
                sql, name: "script", takesEffect: true, timeout: self.configuration.statementTimeout)
        }
    }

    /// Lends a connection to `body`, then takes it back, or closes it when it is not as a new one.
    func withConnection<Result: Sendable>(
        keep: Bool = true, _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await borrow()
        do {
            let result = try await body(connection)
            await giveBack(connection, keep: keep)
            return result
        } catch {
            await giveBack(connection, keep: keep)
            throw error
        }
    }

    private func single(
        _ statement: Statement, _ parameters: [PostgresValue], _ settings: [PostgresSetting]
    ) async throws -> PipelineResult {
        let steps = try PipelineStep.settings(settings) + [PipelineStep(statement, parameters)]
        return try await withConnection { try await $0.call(steps, in: nil, takesEffect: true) }
    }

    /// An idle connection may have been ended by the server meanwhile. That is seen before anything is sent, and a new
    /// one takes its place.
    private func borrow() async throws -> PostgresConnection {
        guard case .connection(let connection) = try await gate.acquire() else { return try await open() }
        if connection.hasUnexpectedInput, await !connection.absorbInput() {
            logger.info("an idle database connection was closed by the server")
            return try await reopen(connection)
        }
        return connection
    }

    private func giveBack(_ connection: PostgresConnection, keep: Bool) async {
        if keep, connection.condition == .idle, gate.give(connection) { return }
        if keep, connection.condition != .idle {
            let state = connection.farewell?.code ?? "none"
            logger.warning("a database connection was dropped", metadata: ["sqlstate": "\(state)"])
        }
        await connection.close()
        gate.lost(connection)
    }

    private func open() async throws -> PostgresConnection {
        let connection: PostgresConnection
        do {
            connection = try PostgresConnection(configuration)
        } catch {
            gate.openFailed(nil, error)
            throw error
        }
        gate.register(connection)
        return try await reopen(connection)
    }

    private func reopen(_ connection: PostgresConnection) async throws -> PostgresConnection {
        do {
            try await connection.callOpen(ConnectionParameters(configuration))
            gate.opened()
            return connection
        } catch let error as PostgresError {
            logger.warning("no database connection", metadata: ["reason": "\(error)"])
            gate.openFailed(connection, error)
            throw error
        }
    }

    private func close(drainingFor duration: Duration) async {
        for connection in gate.close() {
            await connection.close()
            gate.lost(connection)
        }
        if await gate.drained(within: duration) { return }
        logger.warning("database statements are stopped: they did not end in time")
        gate.interrupt()
        let grace = configuration.cancelTimeout * 2 + configuration.connectTimeout
        if await !gate.drained(within: grace) { logger.error("database connections still in use at the end") }
    }
}
