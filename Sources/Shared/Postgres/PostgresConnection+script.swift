import CLibPQ

extension PostgresConnection {
    /// Runs a text of several statements by the simple protocol; their rows are dropped. Without a BEGIN of its own, or
    /// an open transaction, it is one implicit transaction. `name` stands for it in errors; no `timeout` means none.
    func script(
        _ sql: String, name: String, takesEffect: Bool, timeout: Duration?, signal: CallSignal
    ) throws(PostgresError) {
        var call = PostgresCall(statement: name, signal: signal, takesEffect: takesEffect, timeout: timeout)
        guard condition != .broken else { throw .connectionLost(statement: name, outcomeUnknown: false) }
        if signal.isCancelled || isInterrupted { throw .cancelled }
        guard PQexitPipelineMode(handle.pointer) == 1, PQsendQuery(handle.pointer, sql) == 1 else {
            close()
            throw .connectionLost(statement: name, outcomeUnknown: false)
        }
        try receiveScript(&call)
        settleStop(call)
        guard condition != .broken, PQenterPipelineMode(handle.pointer) == 1 else { throw lost(call) }
        noteCondition()
        if let failure = call.failure { throw call.error(failure) }
    }

    private func receiveScript(_ call: inout PostgresCall) throws(PostgresError) {
        while let result = try nextResult(&call) {
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: continue
            case PGRES_FATAL_ERROR:
                let failure = result.failure
                if failure.isFatal { throw lost(call, failure) }
                call.failure = call.failure ?? failure
            default:
                close()
                throw .protocolViolation("\(call.statement) needs a mode of the protocol that is not supported")
            }
        }
    }
}
