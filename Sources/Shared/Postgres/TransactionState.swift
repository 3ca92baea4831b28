import Synchronization

/// Where a transaction stands. Its BEGIN travels with its first statement.
final class TransactionState: Sendable {
    private enum Phase {
        /// BEGIN and the settings still have to be sent.
        case opening([PipelineStep])
        case open
        case ended
    }

    private let phase: Mutex<Phase>

    init(opening steps: [PipelineStep]) { phase = Mutex(.opening(steps)) }

    /// The steps that go before the first statement, once. Throws `closed` after the end.
    func takeOpening() throws(PostgresError) -> [PipelineStep] {
        try phase.withLock { phase throws(PostgresError) in
            switch phase {
            case .opening(let steps):
                phase = .open
                return steps
            case .open: return []
            case .ended: throw .closed
            }
        }
    }

    /// True when BEGIN was sent, so that the server waits for an end.
    func end() -> Bool {
        phase.withLock { phase in
            defer { phase = .ended }
            if case .open = phase { return true }
            return false
        }
    }
}
