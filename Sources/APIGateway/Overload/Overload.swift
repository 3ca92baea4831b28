import Logging
import NIOCore
import Postgres
import ServiceLifecycle
import Synchronization

/// Watches how late things run, and says whether one more request can be taken on. What it counts is between a request
/// that has come completely and the beginning of its answer, one for each connection: no client can hold a place by
/// being slow, or more than one by not waiting for answers.
final class Overload: Service {
    private struct State {
        var limit: AdmissionLimit
        var open = 0
        var ended = 0
        var slow = 0
        var shed = 0
        var room = WaitingRoom()
        /// What ended in each of the last ticks.
        var history = [Int](repeating: 0, count: Int(.seconds(1) / AdmissionLimit.tick))

        /// Requests that ended in the last second.
        mutating func sumUp() -> Int {
            history.removeFirst()
            history.append(ended)
            return history.reduce(0, +)
        }

        mutating func leave() -> [WaitingRoom.Waiter] {
            open -= 1
            return callIn()
        }

        /// Those whose turn it is, with their places taken.
        mutating func callIn() -> [WaitingRoom.Waiter] {
            var next: [WaitingRoom.Waiter] = []
            while limit.admits(open: open), let waiter = room.next() {
                if waiter.takesPlace { open += 1 }
                next.append(waiter)
            }
            return next
        }
    }

    private let state: Mutex<State>
    private let pool: PostgresPool
    private let logger: Logger
    private let loops: any EventLoopGroup

    static let help: [String: String] = [
        "errand_http_requests_shed": "Requests refused with 503 since the start because there was too much to do.",
        "errand_http_admission_limit": "How many requests may be worked on at once now.",
    ]

    /// - Parameters:
    ///   - ceiling: requests that may be worked on at once when all is well.
    ///   - loops: that serve the connections.
    init(ceiling: Int, pool: PostgresPool, loops: any EventLoopGroup, logger: Logger) {
        state = Mutex(State(limit: AdmissionLimit(ceiling: ceiling)))
        self.pool = pool
        self.logger = logger
        self.loops = loops
    }

    var limit: Double { state.withLock { $0.limit.value } }
    var shed: Int { state.withLock { $0.shed } }

    /// False: as many are worked on as may be, or others wait already.
    func admits() -> Bool { state.withLock { $0.room.isEmpty && $0.limit.admits(open: $0.open) } }

    /// Keeps a request that came whole until a place is free or it has waited too long.
    ///
    /// - Parameter tell: called once, on any thread. With true its place, if it takes one, counts as taken.
    /// - Returns: false when there is no room: then it is not called.
    func wait(bytes: Int, takesPlace: Bool, tell: @escaping @Sendable (Bool) -> Void) -> Bool {
        let waiter = WaitingRoom.Waiter(
            bytes: bytes, takesPlace: takesPlace, until: .now + WaitingRoom.patience, tell: tell)
        let (isIn, next) = state.withLock { state in
            guard state.room.enter(waiter) else { return (false, [WaitingRoom.Waiter]()) }
            // A place may have become free since `admits`.
            return (true, state.callIn())
        }
        for waiter in next { waiter.tell(true) }
        return isIn
    }

    /// Counts a request that was refused.
    func refused() { state.withLock { $0.shed += 1 } }

    func begin() { state.withLock { $0.open += 1 } }

    func end(after duration: Duration) {
        let next = state.withLock { state in
            state.ended += 1
            if duration > AdmissionLimit.slow { state.slow += 1 }
            return state.leave()
        }
        for waiter in next { waiter.tell(true) }
    }

    /// A place that was taken for a client who has gone.
    func giveBack() {
        for waiter in state.withLock({ $0.leave() }) { waiter.tell(true) }
    }

    /// Looks ten times a second until the shutdown.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var told = 0
            var ticks = 0
            while !Task.isCancelled {
                let due = ContinuousClock.now + AdmissionLimit.tick
                try? await Task.sleep(until: due, clock: .continuous)
                await self.askLoops()
                self.see(delay: .now - due)
                ticks += 1
                // In sum, not one by one: saying it costs as much as doing it.
                if ticks.isMultiple(of: 50), case let shed = self.shed, shed > told {
                    self.logger.warning("shed requests", metadata: ["requests": "\(shed - told)", "seconds": "5"])
                    told = shed
                }
            }
        }
    }

    /// Returns when every event loop has come round.
    private func askLoops() async {
        for loop in loops.makeIterator() { try? await loop.submit {}.get() }
    }

    private func see(delay: Duration) {
        let databaseWaiters = pool.waiting
        let (next, expired) = state.withLock { state in
            state.limit.see(
                AdmissionLimit.Signs(
                    delay: delay, databaseWaiters: databaseWaiters, ended: state.ended, slow: state.slow,
                    endedInSecond: state.sumUp(), open: state.open))
            (state.ended, state.slow) = (0, 0)
            let expired = state.room.expire(at: .now)
            return (state.callIn(), expired)
        }
        for waiter in expired { waiter.tell(false) }
        for waiter in next { waiter.tell(true) }
    }
}
