/// Statements of one transaction on one connection. Only valid inside the closure that got it: later calls throw
/// `closed`.
package struct PostgresTransaction: Sendable {
    private static let commit = Statement("commit", "commit")
    private static let rollback = Statement("rollback", "rollback")

    private let connection: PostgresConnection
    private let state: TransactionState

    init(_ connection: PostgresConnection, settings: [PostgresSetting]) throws(PostgresError) {
        self.connection = connection
        state = TransactionState(
            opening: [try PipelineStep(Statement("begin", "begin"))] + (try PipelineStep.settings(settings)))
    }

    /// Rows of the result. After an error the server takes no further statement of this transaction.
    package func query(_ statement: Statement, _ parameters: [PostgresValue] = []) async throws -> [PostgresRow] {
        try await result(statement, parameters).rows
    }

    /// Rows affected.
    @discardableResult
    package func execute(_ statement: Statement, _ parameters: [PostgresValue] = []) async throws -> Int {
        try await result(statement, parameters).affectedRows
    }

    private func result(_ statement: Statement, _ parameters: [PostgresValue]) async throws -> PipelineResult {
        try await connection.call([PipelineStep(statement, parameters)], in: state, takesEffect: false)
    }

    /// As `PostgresPool.script`, inside this transaction, after a first statement. No `timeout` means none.
    func script(_ sql: String, name: String, timeout: Duration?) async throws {
        try await connection.callScript(sql, name: name, takesEffect: false, timeout: timeout)
    }

    /// Makes everything durable. A cancelled task's transaction is undone instead; once COMMIT is on its way,
    /// cancellation no longer stops it, so that its outcome is known.
    func finish() async throws {
        if Task.isCancelled { throw PostgresError.cancelled }
        guard state.end() else { return }
        let result = try await connection.run(
            [PipelineStep(Self.commit)], in: nil, takesEffect: true, signal: CallSignal())
        // COMMIT of a transaction in which a statement failed is a ROLLBACK.
        if result.commandTag == "ROLLBACK" {
            throw PostgresError.server(
                .inFailedTransaction, message: "a statement of the transaction failed before", statement: "commit",
                constraint: nil)
        }
    }

    /// Undoes everything, also in a cancelled task. A connection that cannot do so is dropped, which undoes it too.
    func undo() async {
        _ = state.end()
        guard connection.condition == .inTransaction else { return }
        do {
            _ = try await connection.run(
                [PipelineStep(Self.rollback)], in: nil, takesEffect: false, signal: CallSignal())
        } catch {
            await connection.close()
        }
    }
}
