import CLibPQ

extension PostgresConnection {
    /// What the server answers next, in the order of sending.
    private enum Answer {
        case deallocated
        case prepared(PreparedStatements.Entry, Statement)
        case executed(Statement, isLast: Bool)

        var statementName: String? {
            switch self {
            case .deallocated: nil
            case .prepared(_, let statement), .executed(let statement, _): statement.name
            }
        }
    }

    /// Sends all steps in one write and reads all answers: one round trip, and, outside a transaction, one implicit
    /// transaction that commits at the end of the round trip. Gives the last step's result.
    /// Source: https://www.postgresql.org/docs/15/libpq-pipeline-mode.html
    func run(
        _ steps: [PipelineStep], in transaction: TransactionState?, takesEffect: Bool, signal: CallSignal
    ) throws(PostgresError) -> PipelineResult {
        do {
            return try attempt(steps, in: transaction, takesEffect: takesEffect, signal: signal)
        } catch .server where mustDeallocate && transaction == nil {
            // A stale preparation, just forgotten: nothing took effect, so the same may be sent again.
            return try attempt(steps, in: transaction, takesEffect: takesEffect, signal: signal)
        }
    }

    private func forgetPrepared() {
        prepared.forgetAll()
        mustDeallocate = true
    }

    private func attempt(
        _ steps: [PipelineStep], in transaction: TransactionState?, takesEffect: Bool, signal: CallSignal
    ) throws(PostgresError) -> PipelineResult {
        var call = PostgresCall(
            statement: steps.last?.statement.name ?? "nothing", signal: signal, takesEffect: takesEffect,
            timeout: configuration.statementTimeout)
        guard condition != .broken else { throw .connectionLost(statement: call.statement, outcomeUnknown: false) }
        if signal.isCancelled || isInterrupted { throw .cancelled }
        let answers = try send(try (transaction?.takeOpening() ?? []) + steps, call)
        let result = try receive(answers, &call)
        settleStop(call)
        noteCondition()
        guard let failure = call.failure else { return result }
        if failure.isStalePreparation { forgetPrepared() }
        throw call.error(failure)
    }

    private func send(_ steps: [PipelineStep], _ call: PostgresCall) throws(PostgresError) -> [Answer] {
        var answers: [Answer] = []
        if prepared.isFull { forgetPrepared() }
        if mustDeallocate {
            try accepted(PQsendQueryParams(handle.pointer, "deallocate all", 0, nil, nil, nil, nil, 1), call)
            answers.append(.deallocated)
            mustDeallocate = false
        }
        for (index, step) in steps.enumerated() {
            if configuration.preparedStatements {
                answers += try sendPrepared(step, call)
            } else {
                try sendUnprepared(step, call)
            }
            answers.append(.executed(step.statement, isLast: index == steps.count - 1))
        }
        try accepted(PQpipelineSync(handle.pointer), call)
        return answers
    }

    private func sendPrepared(_ step: PipelineStep, _ call: PostgresCall) throws(PostgresError) -> [Answer] {
        let parameters = step.parameters
        let entry = prepared.entry(for: step.statement, types: parameters.types)
        if !entry.isPrepared {
            let count = Int32(entry.types.count)
            try accepted(
                PQsendPrepare(handle.pointer, entry.serverName, step.statement.sql, count, entry.types), call)
        }
        let formats = [Int32](repeating: 1, count: parameters.count)
        let code = parameters.withPointers { pointers in
            PQsendQueryPrepared(
                handle.pointer, entry.serverName, Int32(parameters.count), pointers, parameters.lengths, formats, 1)
        }
        try accepted(code, call)
        return entry.isPrepared ? [] : [.prepared(entry, step.statement)]
    }

    private func sendUnprepared(_ step: PipelineStep, _ call: PostgresCall) throws(PostgresError) {
        let parameters = step.parameters
        let formats = [Int32](repeating: 1, count: parameters.count)
        let code = parameters.withPointers { pointers in
            PQsendQueryParams(
                handle.pointer, step.statement.sql, Int32(parameters.count), parameters.types, pointers,
                parameters.lengths, formats, 1)
        }
        try accepted(code, call)
    }

    /// libpq refuses to queue a command only when it is out of memory or used wrongly. Nothing that was queued takes
    /// effect without the final sync, but the session is of no more use.
    private func accepted(_ code: Int32, _ call: PostgresCall) throws(PostgresError) {
        guard code != 1 else { return }
        close()
        throw .connectionLost(statement: call.statement, outcomeUnknown: false)
    }

    private func receive(_ answers: [Answer], _ call: inout PostgresCall) throws(PostgresError) -> PipelineResult {
        var result = PipelineResult()
        var pending = answers[...]
        var silences = 0
        while true {
            guard let handle = try nextResult(&call) else {
                // One nil ends each statement's results; a second one means that libpq waits for nothing any more.
                silences += 1
                if silences > 1 { throw lost(call) }
                continue
            }
            silences = 0
            switch handle.status {
            case PGRES_PIPELINE_SYNC: return result
            case PGRES_PIPELINE_ABORTED: pending = pending.dropFirst()
            case PGRES_FATAL_ERROR:
                let failure = handle.failure
                if failure.isFatal { throw lost(call, failure) }
                // The implicit commit at the sync may fail too, after all answers.
                if let name = pending.popFirst()?.statementName { call.statement = name }
                call.failure = call.failure ?? failure
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                if let last = try note(handle, pending.popFirst()) { result = last }
            default:
                close()
                throw .protocolViolation("\(call.statement) needs a mode of the protocol that is not supported")
            }
        }
    }

    /// The result, if this was the last statement.
    private func note(
        _ handle: borrowing ResultHandle, _ answer: Answer?
    ) throws(PostgresError) -> PipelineResult? {
        switch answer {
        case .deallocated: return nil
        case .prepared(let entry, let statement):
            prepared.confirm(entry, of: statement)
            return nil
        case .executed(_, isLast: false): return nil
        case .executed(let statement, isLast: true):
            guard let rows = handle.copyRows(statement: statement.name) else {
                close()
                throw .protocolViolation("\(statement.name): a result is not in binary form")
            }
            return PipelineResult(rowSet: rows, affectedRows: handle.affectedRows, commandTag: handle.commandTag)
        case nil:
            close()
            throw .protocolViolation("more answers than statements")
        }
    }
}
