import Foundation
import Synchronization

/// The calls of the calendar API, newest last; the oldest make room, but are still counted.
final class CalendarCallLog: Sendable {
    private struct State {
        var calls: [CalendarCall] = []
        var count = 0
        var counts: [String: [String: Int]] = [:]
        var countsOfAccount: [String: [String: Int]] = [:]
    }
    private let state = Mutex(State())
    private static let limit = 100_000

    /// - Returns: the call's number.
    func add(_ call: CalendarCall) -> Int {
        state.withLock { state in
            state.count += 1
            if state.calls.count >= Self.limit { state.calls.removeFirst(Self.limit / 2) }
            state.calls.append(call)
            state.calls[state.calls.count - 1].id = state.count
            if let account = call.account {
                state.countsOfAccount[account, default: [:]][call.method.rawValue, default: 0] += 1
            }
            return state.count
        }
    }

    func update(_ id: Int, _ change: (inout CalendarCall) -> Void) {
        state.withLock { state in
            // Numbers are consecutive, so the call's place follows from the newest one.
            let index = state.calls.count - 1 - (state.count - id)
            if state.calls.indices.contains(index) { change(&state.calls[index]) }
        }
    }

    func finish(_ id: Int, _ method: CalendarMethod, outcome: String, status: Int?, items: Int? = nil) {
        update(id) { call in
            call.outcome = outcome
            call.status = status
            call.items = items
            call.finishedAt = Date()
        }
        state.withLock { $0.counts[method.rawValue, default: [:]][outcome, default: 0] += 1 }
    }

    func calls(where matches: (CalendarCall) -> Bool) -> [CalendarCall] {
        state.withLock { $0.calls.filter(matches) }
    }

    /// By method and outcome.
    var counts: [String: [String: Int]] { state.withLock { $0.counts } }
    /// By account and method.
    var countsOfAccount: [String: [String: Int]] { state.withLock { $0.countsOfAccount } }

    func removeAll() { state.withLock { $0 = State() } }
}
