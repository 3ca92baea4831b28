/// Performs what `PoolState` decides: suspends and resumes callers, and keeps their deadlines by a thread of its own.
final class PoolGate: Sendable {
    typealias Grant = PoolGrant<PostgresConnection>
    private typealias State = PoolState<PostgresConnection, CheckedContinuation<Grant, any Error>>

    private struct Desk {
        var state: State
        /// Every connection that holds a slot, to interrupt them all.
        var connections: [PostgresConnection] = []
        var lastNumber: UInt64 = 0
        var hasTimer = false
        /// When the timer thread wakes by itself.
        var alarm = Deadline.never
        var drain: (deadline: Deadline, continuation: CheckedContinuation<Bool, Never>)?
        var isAbandoned = false

        var nextAlarm: Deadline { min(state.nextTick ?? .never, drain?.deadline ?? .never) }
        /// The timer thread has nothing to do any more.
        var isOver: Bool { isAbandoned || (state.isDrained && drain == nil) }
    }

    private let desk: Monitor<Desk>
    private let acquireTimeout: Duration

    init(size: Int, maxWaiters: Int, acquireTimeout: Duration) {
        desk = Monitor(Desk(state: State(size: size, maxWaiters: maxWaiters)))
        self.acquireTimeout = acquireTimeout
    }

    deinit {
        desk.withLock { $0.isAbandoned = true }
        desk.signal()
    }

    var waiting: Int { desk.withLock { $0.state.waiting } }

    /// Throws `closed`, `tooManyWaiters`, `acquireTimeout`, `cancelled`, or `connect` when the wait ended while no
    /// connection could be opened.
    func acquire() async throws -> Grant {
        if Task.isCancelled { throw PostgresError.cancelled }
        switch desk.withLock({ $0.state.acquire(now: .now()) }) {
        case .granted(let grant): return grant
        case .refused(let error): throw error
        case .wait: return try await wait()
        }
    }

    /// A connection in a granted slot exists and can be interrupted.
    func register(_ connection: PostgresConnection) {
        desk.withLock { $0.connections.append(connection) }
    }

    func opened() { desk.withLock { $0.state.opened() } }

    /// The slot of a connection that could not be opened; nil when there is not even a connection.
    func openFailed(_ connection: PostgresConnection?, _ error: PostgresError) {
        resume { desk in
            desk.connections.removeAll { $0 === connection }
            // Giving up says nothing about the server.
            if error == .cancelled { return desk.state.lost(now: .now()) }
            return desk.state.openFailed(error, now: .now(), jitter: .random(in: 0...1))
        }
    }

    /// A good connection comes back. False when the pool has closed: close it, then report `lost`.
    func give(_ connection: PostgresConnection) -> Bool {
        let (isKept, resumption) = desk.withLock { $0.state.give(connection) }
        if let resumption { resumption.ticket.resume(with: resumption.outcome) }
        return isKept
    }

    /// A closed connection's slot is free again.
    func lost(_ connection: PostgresConnection) {
        resume { desk in
            desk.connections.removeAll { $0 === connection }
            return desk.state.lost(now: .now())
        }
    }

    /// Refuses everybody from now on. Gives the idle connections, to be closed and reported `lost`.
    func close() -> [PostgresConnection] {
        let (resumptions, idle) = desk.withLock { desk in
            defer { setAlarm(&desk) }
            return desk.state.close()
        }
        for resumption in resumptions { resumption.ticket.resume(with: resumption.outcome) }
        return idle
    }

    /// After `close`: true once every connection is gone, false when the time is over before that.
    func drained(within duration: Duration) async -> Bool {
        await withCheckedContinuation { continuation in
            let isDrained = desk.withLock { desk in
                if desk.state.isDrained { return true }
                desk.drain = (.now().advanced(by: duration), continuation)
                setAlarm(&desk)
                return false
            }
            if isDrained { continuation.resume(returning: true) }
        }
    }

    /// Stops whatever the connections do.
    func interrupt() {
        for connection in desk.withLock({ $0.connections }) { connection.interrupt() }
    }

    private func wait() async throws -> Grant {
        let number = desk.withLock { desk in
            desk.lastNumber += 1
            return desk.lastNumber
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { enqueue($0, number) }
        } onCancel: {
            desk.withLock { $0.state.withdraw(number: number) }?.resume(throwing: PostgresError.cancelled)
        }
    }

    /// Asks again, since the lock was free in between. A task cancelled before this does not wait; one cancelled later
    /// finds itself in the queue.
    private func enqueue(_ continuation: CheckedContinuation<Grant, any Error>, _ number: UInt64) {
        let outcome: Result<Grant, any Error>? = desk.withLock { desk in
            if Task.isCancelled { return .failure(PostgresError.cancelled) }
            let now = Deadline.now()
            switch desk.state.acquire(now: now) {
            case .granted(let grant): return .success(grant)
            case .refused(let error): return .failure(error)
            case .wait:
                desk.state.enqueue(continuation, number: number, deadline: now.advanced(by: acquireTimeout))
                setAlarm(&desk)
                return nil
            }
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    private func resume(_ decide: (inout Desk) -> [State.Resumption]) {
        let (resumptions, drain) = desk.withLock { desk in
            let resumptions = decide(&desk)
            let drain = desk.state.isDrained ? desk.drain?.continuation : nil
            if drain != nil { desk.drain = nil }
            setAlarm(&desk)
            return (resumptions, drain)
        }
        for resumption in resumptions { resumption.ticket.resume(with: resumption.outcome) }
        drain?.resume(returning: true)
    }

    /// Wakes the timer thread when its next duty is earlier than it thinks. Deadlines come in order, so under load that
    /// is seldom.
    private func setAlarm(_ desk: inout Desk) {
        let next = desk.nextAlarm
        guard next < desk.alarm || desk.isOver else { return }
        desk.alarm = next
        if desk.hasTimer { return self.desk.signal() }
        if desk.isOver { return }
        // Without a thread no deadline would hold: a process that cannot get one is beyond help.
        do {
            let monitor = self.desk
            try PostgresThread.start("pg-deadlines") { Self.keepTime(monitor) }
            desk.hasTimer = true
        } catch {
            fatalError("the pool's timer: \(error)")
        }
    }

    private static func keepTime(_ desk: Monitor<Desk>) {
        while true {
            desk.sleep { desk in
                desk.alarm = desk.nextAlarm
                return desk.isOver || desk.alarm <= .now() ? nil : desk.alarm
            }
            let (resumptions, drain, isOver) = desk.withLock { desk in
                let now = Deadline.now()
                let drain = desk.drain.flatMap { $0.deadline <= now ? $0.continuation : nil }
                if drain != nil { desk.drain = nil }
                return (desk.state.tick(now: now), drain, desk.isOver)
            }
            for resumption in resumptions { resumption.ticket.resume(with: resumption.outcome) }
            drain?.resume(returning: false)
            if isOver { return }
        }
    }
}
