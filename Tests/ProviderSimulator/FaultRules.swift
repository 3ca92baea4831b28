import Foundation
import Synchronization

/// The rules set through the control API, and how often directives with `times=` have been used up.
final class FaultRules: Sendable {
    struct Rule: Sendable {
        /// Part of the last user message; nil matches every request.
        var match: String?
        var behaviour: Behaviour
        /// Requests still to be treated so; nil: until the rules are deleted.
        var left: Int?
    }

    private struct State {
        var rules: [Rule] = []
        var directiveUses: [String: Int] = [:]
    }
    private let state = Mutex(State())
    private let defaults: Behaviour
    private static let limit = 10_000

    init(defaults: Behaviour) { self.defaults = defaults }

    /// - Parameter body: `{"match"?: string, "times"?: int, "fault": {…}}`; without `times` the rule stays.
    func add(_ body: JSONValue) throws(APIError) {
        guard let fault = body["fault"] else { throw .unreadable("fault is missing") }
        let rule = Rule(
            match: body["match"]?.text, behaviour: try Behaviour(fault, defaults: defaults),
            left: body["times"]?.integer)
        state.withLock { state in
            if state.rules.count < Self.limit { state.rules.append(rule) }
        }
    }

    func removeAll() {
        state.withLock { $0 = State() }
    }

    /// The behaviour for a request, and its message without directives. A directive in the message wins over rules;
    /// among rules the oldest that still applies wins, and is counted.
    func behaviour(for message: String) throws(APIError) -> (Behaviour, text: String) {
        let (directed, text) = try Behaviour.directives(in: message, defaults: defaults)
        if text != message {
            guard let times = directed.times else { return (directed, text) }
            var spent = directed
            spent.fault = nil
            spent.firstByteMilliseconds = defaults.firstByteMilliseconds
            return use(directiveOf: message, upTo: times) ? (directed, text) : (spent, text)
        }
        return (takeRule(for: message) ?? defaults, text)
    }

    private func use(directiveOf message: String, upTo times: Int) -> Bool {
        state.withLock { state in
            if state.directiveUses.count >= Self.limit { state.directiveUses = [:] }
            let used = state.directiveUses[message, default: 0]
            state.directiveUses[message] = used + 1
            return used < times
        }
    }

    private func takeRule(for message: String) -> Behaviour? {
        state.withLock { state in
            let index = state.rules.firstIndex { rule in
                (rule.left ?? 1) > 0 && (rule.match.map { message.contains($0) } ?? true)
            }
            guard let index else { return nil }
            let behaviour = state.rules[index].behaviour
            if let left = state.rules[index].left { state.rules[index].left = left - 1 }
            if state.rules[index].left == 0 { state.rules.remove(at: index) }
            return behaviour
        }
    }
}
