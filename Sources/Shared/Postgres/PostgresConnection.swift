import CLibPQ
import Glibc
import Synchronization

/// One session with the server: an actor on a thread of its own, with blocking libpq calls inside.
///
/// libpq forbids two threads in one PGconn at a time, and the actor is that rule. It stays in pipeline mode, so that
/// BEGIN, settings, preparation and statement make one round trip.
/// Source: https://www.postgresql.org/docs/15/libpq-threading.html
actor PostgresConnection {
    enum Condition: UInt8, AtomicRepresentable {
        case idle, inTransaction, broken
    }

    nonisolated private let executor: ThreadExecutor
    nonisolated let wakeup: Wakeup
    nonisolated private let sharedCondition = Atomic<Condition>(.broken)
    nonisolated private let socket = Atomic<Int32>(-1)
    nonisolated private let interrupted = Atomic<Bool>(false)
    nonisolated private let farewellState = Mutex<SQLState?>(nil)
    let configuration: PostgresConfiguration
    var handle = ConnectionHandle()
    var prepared = PreparedStatements()
    /// The server still holds statements that `prepared` has forgotten.
    var mustDeallocate = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Does no I/O; throws `connect` when the system has no thread or pipe left.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        self.configuration = configuration
        wakeup = try Wakeup()
        executor = try ThreadExecutor()
    }

    deinit { executor.stop() }

    /// As the last call left it. Only the holder of the connection may rely on it.
    nonisolated var condition: Condition { sharedCondition.load(ordering: .acquiring) }

    /// The code with which the server ended the session, if it gave one. For logs.
    nonisolated var farewell: SQLState? { farewellState.withLock { $0 } }

    nonisolated func noteFarewell(_ failure: ServerFailure) { farewellState.withLock { $0 = failure.state } }

    /// Stops what is under way, as a cancelled caller would, and everything after it. For the pool's end.
    nonisolated func interrupt() {
        interrupted.store(true, ordering: .releasing)
        wakeup.signal()
    }

    nonisolated var isInterrupted: Bool { interrupted.load(ordering: .acquiring) }

    /// Whether something unasked came in while nothing was under way: nearly always the server's farewell.
    nonisolated var hasUnexpectedInput: Bool {
        var entry = pollfd(fd: socket.load(ordering: .acquiring), events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) != 0
    }

    /// Reads what came in unasked. True when the session is still good.
    func absorbInput() -> Bool {
        guard PQconsumeInput(handle.pointer) == 1, PQstatus(handle.pointer) == CONNECTION_OK else {
            close()
            return false
        }
        return !hasUnexpectedInput
    }

    /// Throws `connect` or `cancelled`.
    func open(_ parameters: ConnectionParameters, signal: CallSignal) throws(PostgresError) {
        do throws(PostgresError) {
            try handle.start(parameters)
            try finishConnecting(signal, by: .now().advanced(by: configuration.connectTimeout))
            guard PQsetnonblocking(handle.pointer, 1) == 0, PQenterPipelineMode(handle.pointer) == 1 else {
                throw PostgresError.protocolViolation("pipeline mode refused")
            }
        } catch {
            close()
            throw error
        }
        prepared.forgetAll()
        mustDeallocate = false
        socket.store(PQsocket(handle.pointer), ordering: .releasing)
        sharedCondition.store(.idle, ordering: .releasing)
    }

    func close() {
        sharedCondition.store(.broken, ordering: .releasing)
        socket.store(-1, ordering: .releasing)
        handle.finish()
    }

    /// Publishes where the session stands after a call.
    func noteCondition() {
        let condition: Condition =
            switch PQtransactionStatus(handle.pointer) {
            case PQTRANS_IDLE: .idle
            case PQTRANS_INTRANS, PQTRANS_INERROR: .inTransaction
            default: .broken
            }
        if condition == .broken { close() } else { sharedCondition.store(condition, ordering: .releasing) }
    }

    private func finishConnecting(_ signal: CallSignal, by deadline: Deadline) throws(PostgresError) {
        var events = Int16(POLLOUT)
        while true {
            if signal.isCancelled || isInterrupted { throw .cancelled }
            let event = wait(events, until: deadline)
            if event == .timedOut { throw .connect("no answer from the server in time") }
            if event == .woken { continue }
            switch PQconnectPoll(handle.pointer) {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING: events = Int16(POLLIN)
            case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
            default: throw .connect(handle.failure)
            }
        }
    }
}
