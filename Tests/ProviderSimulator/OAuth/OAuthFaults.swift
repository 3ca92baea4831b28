import Synchronization

/// The faults that were ordered and not yet used up.
final class OAuthFaults: Sendable {
    struct Rule: Sendable {
        var provider: ProviderKind?
        var endpoint: OAuthEndpoint?
        /// `authorization_code` or `refresh_token`.
        var grant: String?
        var account: String?
        var fault: OAuthFault
        /// Value of the `retry-after` header, sent as written.
        var retryAfter: String?
        /// Requests still to be treated so; nil: until the rules are deleted.
        var left: Int?
    }

    private let rules = Mutex<[Rule]>([])
    /// Counts the calls of `POST resume`: who waits, waits for the next.
    private let resumptions = Mutex(0)
    private static let limit = 10_000

    func add(_ rule: Rule) {
        rules.withLock { rules in
            if rules.count < Self.limit { rules.append(rule) }
        }
    }

    func removeAll() {
        rules.withLock { $0 = [] }
        resume()
    }

    /// Lets everything that waits go on.
    func resume() { resumptions.withLock { $0 += 1 } }

    var resumptionCount: Int { resumptions.withLock { $0 } }

    /// The oldest rule that fits the call, which is counted.
    func take(for call: OAuthCall) -> Rule? {
        rules.withLock { rules in
            let index = rules.firstIndex { rule in
                (rule.provider ?? call.provider) == call.provider && (rule.endpoint ?? call.endpoint) == call.endpoint
                    && (rule.grant ?? call.grant) == call.grant && (rule.account ?? call.account) == call.account
            }
            guard let index else { return nil }
            let rule = rules[index]
            if let left = rule.left { rules[index].left = left - 1 }
            if rules[index].left == 0 { rules.remove(at: index) }
            return rule
        }
    }
}
