import Foundation
import Synchronization

/// The calls of the OAuth endpoints, newest last; the oldest make room.
final class OAuthCallLog: Sendable {
    private struct State {
        var calls: [OAuthCall] = []
        var count = 0
    }
    private let state = Mutex(State())
    private static let limit = 200_000

    /// - Returns: the call's number.
    func add(_ call: OAuthCall) -> Int {
        state.withLock { state in
            state.count += 1
            if state.calls.count >= Self.limit { state.calls.removeFirst(Self.limit / 2) }
            state.calls.append(call)
            state.calls[state.calls.count - 1].id = state.count
            return state.count
        }
    }

    func update(_ id: Int, _ change: (inout OAuthCall) -> Void) {
        state.withLock { state in
            // Numbers are consecutive, so the call's place follows from the newest one.
            let index = state.calls.count - 1 - (state.count - id)
            if state.calls.indices.contains(index) { change(&state.calls[index]) }
        }
    }

    func calls(where matches: (OAuthCall) -> Bool) -> [OAuthCall] {
        state.withLock { $0.calls.filter(matches) }
    }

    func removeAll() { state.withLock { $0.calls = [] } }
}
