/// Does nothing, or a little on request: for smoke tests, benchmarks, and as the smallest example of a job kind.
package struct Noop: Command {
    package static let kind = JobKind(rawValue: "noop")
    package static let queue = QueueName.default
    package static let maxSleepMilliseconds = 600_000
    package static let maxEmitted = 1_000
    package static let maxKeyLength = 200

    /// How long the attempt sleeps, in milliseconds. `nil`: not at all.
    package var sleepMilliseconds: Int?
    /// How many pieces of text the attempt streams, spread over its sleep.
    package var emit: Int?
    /// How many starts fail before one succeeds.
    package var failures: Int?
    /// How the failing attempts fail. `nil`: as one to retry.
    package var failWith: Failing?
    /// What a failing attempt says about when to come back, in seconds.
    package var retryAfter: Int?
    /// How many jobs the end of this one makes.
    package var followUps: Int?
    /// Jobs with the same key run in order.
    package var key: String?

    package enum Failing: String, Codable, Sendable {
        /// As a provider that says "later": it costs no attempt.
        case later
        case permanent
    }

    package init(
        sleepMilliseconds: Int? = nil, emit: Int? = nil, failures: Int? = nil, failWith: Failing? = nil,
        retryAfter: Int? = nil, followUps: Int? = nil, key: String? = nil
    ) {
        self.sleepMilliseconds = sleepMilliseconds
        self.emit = emit
        self.failures = failures
        self.failWith = failWith
        self.retryAfter = retryAfter
        self.followUps = followUps
        self.key = key
    }

    package var orderingKey: String? { key.map { "noop:\($0)" } }

    package func validate() throws(InvalidCommand) {
        var problems: [InvalidCommand.Problem] = []
        func check(_ field: String, _ value: Int?, max: Int) {
            guard let value, !(0...max).contains(value) else { return }
            problems.append(.init(field: "payload.\(field)", message: "must be 0 to \(max)"))
        }
        check("sleep_ms", sleepMilliseconds, max: Self.maxSleepMilliseconds)
        check("emit", emit, max: Self.maxEmitted)
        check("failures", failures, max: 100)
        check("retry_after", retryAfter, max: 3600)
        check("follow_ups", followUps, max: 100)
        if let key, !(1...Self.maxKeyLength).contains(key.unicodeScalars.count) {
            problems.append(.init(field: "payload.key", message: "must be 1 to \(Self.maxKeyLength) characters"))
        } else if let key, !StoredText.accepts(key) {
            problems.append(.init(field: "payload.key", message: StoredText.refusal))
        }
        guard problems.isEmpty else { throw InvalidCommand(problems) }
    }

    private enum CodingKeys: String, CodingKey {
        case sleepMilliseconds = "sleep_ms"
        case failWith = "fail_with"
        case retryAfter = "retry_after"
        case followUps = "follow_ups"
        case emit, failures, key
    }
}
