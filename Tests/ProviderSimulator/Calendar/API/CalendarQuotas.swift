import Foundation
import Synchronization

/// Google's limits, each an exact sliding window: "10,000 requests per minute per project" and "600 … per user per
/// project". A request that is refused does not count.
/// https://developers.google.com/workspace/calendar/api/guides/quota
final class CalendarQuotas: Sendable {
    struct Limits: Sendable {
        /// nil: none.
        var project: Int? = 10_000
        var user: Int? = 600
        var windowSeconds = 60.0
        /// 403 or 429.
        var status = 403
    }

    /// The moments of the admitted requests, oldest first.
    private struct Window: Sendable {
        private var moments: [Double] = []
        private var first = 0
        /// The most that were in one window.
        private(set) var most = 0

        mutating func count(after start: Double) -> Int {
            while first < moments.count, moments[first] <= start { first += 1 }
            if first > 1_024, first * 2 > moments.count {
                moments.removeFirst(first)
                first = 0
            }
            return moments.count - first
        }

        mutating func add(_ moment: Double) {
            moments.append(moment)
            most = max(most, moments.count - first)
        }
    }

    private struct Place: Hashable {
        var project: String
        var user: String
    }

    private struct State: Sendable {
        var limits = Limits()
        var projects: [String: Window] = [:]
        var users: [Place: Window] = [:]
        var projectRefusals = 0
        var userRefusals = 0
    }
    private let state = Mutex(State())

    func set(_ limits: Limits) { state.withLock { $0.limits = limits } }
    var limits: Limits { state.withLock { $0.limits } }

    /// Back to Google's limits, with nothing used.
    func reset() { state.withLock { $0 = State() } }
    /// Forgets what was used and refused.
    func forget() { state.withLock { $0 = State(limits: $0.limits) } }

    func admit(project: String, user: String, now: Double = Date().timeIntervalSince1970) throws(CalendarRefusal) {
        try state.withLock { (state) throws(CalendarRefusal) in
            let (limits, place) = (state.limits, Place(project: project, user: user))
            let start = now - limits.windowSeconds
            let usedByUser = state.users[place, default: Window()].count(after: start)
            if let limit = limits.user, usedByUser >= limit {
                state.userRefusals += 1
                throw .userRateLimit(status: limits.status)
            }
            let used = state.projects[project, default: Window()].count(after: start)
            if let limit = limits.project, used >= limit {
                state.projectRefusals += 1
                throw .rateLimit(status: limits.status)
            }
            state.users[place, default: Window()].add(now)
            state.projects[project, default: Window()].add(now)
        }
    }

    var json: JSONValue {
        state.withLock { state in
            func limit(_ number: Int?) -> JSONValue { number.map(JSONValue.integer) ?? .null }
            return .members([
                "limits": .members([
                    "project": limit(state.limits.project), "user": limit(state.limits.user),
                    "window_seconds": .number(state.limits.windowSeconds), "status": .integer(state.limits.status),
                ]),
                "refused": .members([
                    "project": .integer(state.projectRefusals), "user": .integer(state.userRefusals),
                ]),
                "most_in_a_window": .members([
                    "project": .integer(state.projects.values.map(\.most).max() ?? 0),
                    "user": .integer(state.users.values.map(\.most).max() ?? 0),
                ]),
            ])
        }
    }
}
