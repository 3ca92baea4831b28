import Synchronization

/// How many more attempts this process may start. Shared by the consumers of all its queues.
final class Slots: Sendable {
    private struct State {
        var free: Int
        var waiters: [(id: Int, continuation: CheckedContinuation<Void, any Error>)] = []
        var nextID = 0
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    /// Takes between one and `most` slots, waiting until there is one.
    /// - Throws: `CancellationError`.
    func take(upTo most: Int) async throws -> Int {
        while true {
            try Task.checkCancellation()
            if let taken = tryTake(upTo: most) { return taken }
            try await waitForOne()
        }
    }

    /// The same without waiting; `nil`: there is none.
    func tryTake(upTo most: Int) -> Int? {
        state.withLock { state in
            let taken = min(state.free, most)
            state.free -= taken
            return taken > 0 ? taken : nil
        }
    }

    func give(_ count: Int) {
        guard count > 0 else { return }
        let woken = state.withLock { state in
            state.free += count
            let woken = Array(state.waiters.prefix(count))
            state.waiters.removeFirst(woken.count)
            return woken
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    private func waitForOne() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isNow = state.withLock { state in
                    if state.free > 0 || Task.isCancelled { return true }
                    state.waiters.append((id, continuation))
                    return false
                }
                if isNow { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiters.remove(at: index).continuation
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
