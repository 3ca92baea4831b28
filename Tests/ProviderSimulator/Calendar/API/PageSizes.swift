import Synchronization

/// How pages are cut, apart from what the client asks for: "The number of events in the resulting page may be less than
/// this value, or none at all, even if there are more events matching the query."
final class PageSizes: Sendable {
    struct Rule: Sendable {
        /// nil: everybody's.
        var account: String?
        /// Items on a page, at most.
        var cap: Int?
        /// Whether the size is any from 1 to the cap.
        var isRandom = false
        /// How often a page is empty though there is more, from 0 to 1.
        var empty = 0.0
    }

    private struct State: Sendable {
        var rules: [Rule] = []
        var generator = SeededGenerator(seed: 1)
    }
    private let state = Mutex(State())

    /// The latest rule that fits holds.
    func add(_ rule: Rule, seed: Int?) {
        state.withLock { state in
            state.rules.insert(rule, at: 0)
            if let seed { state.generator = SeededGenerator(seed: seed) }
        }
    }

    func removeAll() { state.withLock { $0.rules = [] } }

    func size(asked: Int, account: String) -> Int {
        state.withLock { state in
            guard let rule = state.rules.first(where: { ($0.account ?? account) == account }) else { return asked }
            if rule.empty > 0, Double.random(in: 0..<1, using: &state.generator) < rule.empty { return 0 }
            let most = max(1, min(asked, rule.cap ?? asked))
            return rule.isRandom ? Int.random(in: 1...most, using: &state.generator) : most
        }
    }
}
