/// Calls from a task: its cancellation reaches the connection's thread.
extension PostgresConnection {
    /// See `run`. Throws `cancelled` when the task was cancelled and the server stopped the statement; a statement that
    /// ended first gives its result.
    nonisolated func call(
        _ steps: [PipelineStep], in transaction: TransactionState?, takesEffect: Bool
    ) async throws -> PipelineResult {
        let signal = CallSignal()
        return try await withTaskCancellationHandler {
            try await run(steps, in: transaction, takesEffect: takesEffect, signal: signal)
        } onCancel: {
            cancel(signal)
        }
    }

    /// See `script`.
    nonisolated func callScript(_ sql: String, name: String, takesEffect: Bool, timeout: Duration?) async throws {
        let signal = CallSignal()
        try await withTaskCancellationHandler {
            try await script(sql, name: name, takesEffect: takesEffect, timeout: timeout, signal: signal)
        } onCancel: {
            cancel(signal)
        }
    }

    /// See `open`.
    nonisolated func callOpen(_ parameters: ConnectionParameters) async throws {
        let signal = CallSignal()
        try await withTaskCancellationHandler {
            try await open(parameters, signal: signal)
        } onCancel: {
            cancel(signal)
        }
    }

    nonisolated private func cancel(_ signal: CallSignal) {
        signal.cancel()
        wakeup.signal()
    }
}
