import Synchronization

/// The faults that were ordered and not yet used up.
final class CalendarFaults: Sendable {
    struct Rule: Sendable {
        var fault: CalendarFault
        var account: String?
        var calendar: String?
        var method: CalendarMethod?
        /// Only requests that have a sync token, or only those that have none.
        var hasSyncToken: Bool?
        /// Only requests that have a page token, or only those that have none.
        var hasPageToken: Bool?
        /// Value of the `retry-after` header, sent as written.
        var retryAfter: String?
        /// Requests still to be treated so; nil: until the rules are deleted.
        var left: Int?
        /// How often it strikes, from 0 to 1.
        var probability = 1.0

        fileprivate func fits(_ call: CalendarCall) -> Bool {
            (account ?? call.account) == call.account && (calendar ?? call.calendar) == call.calendar
                && (method ?? call.method) == call.method && (hasSyncToken ?? call.hasSyncToken) == call.hasSyncToken
                && (hasPageToken ?? call.hasPageToken) == call.hasPageToken
        }
    }

    private struct State: Sendable {
        var rules: [Rule] = []
        var generator = SeededGenerator(seed: 1)
    }
    private let state = Mutex(State())
    /// Counts the calls of `POST resume`: who waits, waits for the next.
    private let resumptions = Mutex(0)
    private static let limit = 10_000

    func add(_ rule: Rule, seed: Int?) {
        state.withLock { state in
            if state.rules.count < Self.limit { state.rules.append(rule) }
            if let seed { state.generator = SeededGenerator(seed: seed) }
        }
    }

    func removeAll() {
        state.withLock { $0.rules = [] }
        resume()
    }

    /// Lets everything that waits go on.
    func resume() { resumptions.withLock { $0 += 1 } }

    var resumptionCount: Int { resumptions.withLock { $0 } }

    /// The oldest rule that fits the call and strikes, which is counted.
    func take(for call: CalendarCall) -> Rule? {
        state.withLock { state in
            for index in state.rules.indices where state.rules[index].fits(call) {
                let rule = state.rules[index]
                if rule.probability < 1, Double.random(in: 0..<1, using: &state.generator) >= rule.probability {
                    continue
                }
                if let left = rule.left { state.rules[index].left = left - 1 }
                if state.rules[index].left == 0 { state.rules.remove(at: index) }
                return rule
            }
            return nil
        }
    }
}
