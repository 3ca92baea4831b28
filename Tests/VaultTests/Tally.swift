import Synchronization

/// Counts what runs at once, and remembers the most.
final class Tally: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var most: Int { state.withLock { $0.most } }

    func enter() {
        state.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }

    func note(_ value: Int) { state.withLock { $0.most = max($0.most, value) } }
}
