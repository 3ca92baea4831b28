import Synchronization

/// Spares callers the wait for a Redis that does not answer: after a failure the hand-over is left to the feeder for a
/// while, and then one caller tries again while the others still pass.
package final class Fuse: Sendable {
    private struct State {
        var blownUntil: ContinuousClock.Instant?
        var isProbing = false
    }

    private let state = Mutex(State())

    private let now: @Sendable () -> ContinuousClock.Instant

    package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    /// How long nobody tries after a failure.
    package static let rest = Duration.seconds(2)

    /// Runs the body, unless it failed a moment ago.
    /// - Returns: false when it was not run.
    @discardableResult
    package func run(_ body: () async throws -> Void) async throws -> Bool {
        let started = now()
        let mayTry = state.withLock { state in
            guard let until = state.blownUntil else { return true }
            if state.isProbing || started < until { return false }
            state.isProbing = true
            return true
        }
        guard mayTry else { return false }
        do {
            try await body()
            state.withLock { $0 = State() }
            return true
        } catch {
            state.withLock { $0 = State(blownUntil: now() + Self.rest) }
            throw error
        }
    }
}
