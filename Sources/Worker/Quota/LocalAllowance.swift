import Synchronization

/// What one process lets out by itself while Redis is away: a trickle.
final class LocalAllowance: Sendable {
    private struct State {
        /// When requests went out, within the window.
        var gone: [ContinuousClock.Instant] = []
        var closedUntil: ContinuousClock.Instant?
    }

    private let limit: Int
    private let window: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameter limit: how many may go out within the window.
    init(limit: Int, window: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.limit = limit
        self.window = window
        self.now = now
    }

    /// `nil`: it may go out, and is counted. Otherwise for how long to wait.
    func take() -> Duration? {
        let now = now()
        return state.withLock { state in
            if let until = state.closedUntil, until > now { return now.duration(to: until) }
            state.gone.removeAll { $0 + window <= now }
            if state.gone.count >= limit, let first = state.gone.first { return now.duration(to: first + window) }
            state.gone.append(now)
            return nil
        }
    }

    func close(for duration: Duration) {
        let until = now() + duration
        state.withLock { $0.closedUntil = max($0.closedUntil ?? until, until) }
    }
}
