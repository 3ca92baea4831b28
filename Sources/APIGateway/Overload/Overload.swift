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

    /// False: one more is too much, and is refused.
    func admits() -> Bool {
        state.withLock { state in
            let admits = state.limit.admits(open: state.open)
            if !admits { state.shed += 1 }
            return admits
        }
    }

    func begin() { state.withLock { $0.open += 1 } }

    func end(after duration: Duration) {
        state.withLock { state in
            state.open -= 1
            state.ended += 1
            if duration > AdmissionLimit.slow { state.slow += 1 }
        }
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
        let waiters = pool.waiting
        state.withLock { state in
            state.limit.see(
                AdmissionLimit.Signs(
                    delay: delay, databaseWaiters: waiters, ended: state.ended, slow: state.slow, open: state.open))
            (state.ended, state.slow) = (0, 0)
        }
    }
}
