/// One round trip under way, as its connection's thread keeps it.
struct PostgresCall {
    enum StopReason { case cancelled, timeout }

    struct Stop {
        let reason: StopReason
        let request: CancelRequest
    }

    /// Who is told when it fails: a `Statement.name`, or a script's.
    var statement: String
    let signal: CallSignal
    /// It commits by itself or is the COMMIT: when the connection breaks now, nobody knows.
    let takesEffect: Bool
    /// How long it may run, nil for as long as it takes.
    let timeout: Duration?
    let started: Deadline
    /// When to stop it; once it is being stopped, when to drop the connection.
    var deadline: Deadline
    var stop: Stop?
    /// The first failed statement of the round trip; the server skips all after it.
    var failure: ServerFailure?

    init(statement: String, signal: CallSignal, takesEffect: Bool, timeout: Duration?) {
        self.statement = statement
        self.signal = signal
        self.takesEffect = takesEffect
        self.timeout = timeout
        started = .now()
        deadline = timeout.map(started.advanced(by:)) ?? .never
    }

    var lost: PostgresError { .connectionLost(statement: statement, outcomeUnknown: takesEffect) }

    /// The server did not confirm the stop in time.
    var unconfirmedStop: PostgresError {
        stop?.reason == .timeout ? .timeout(statement: statement, outcomeUnknown: takesEffect) : lost
    }

    /// Who stopped the statement decides what a query_canceled is called.
    func error(_ failure: ServerFailure) -> PostgresError {
        if failure.isFatal || failure.state == nil { return lost }
        guard failure.state == .queryCanceled else { return failure.error(statement: statement) }
        switch stop?.reason {
        case .cancelled: return .cancelled
        case .timeout: return .timeout(statement: statement, outcomeUnknown: false)
        case nil:
            let isLate = timeout.map { Deadline.now() >= started.advanced(by: $0) } ?? false
            return isLate
                ? .timeout(statement: statement, outcomeUnknown: false) : failure.error(statement: statement)
        }
    }
}
