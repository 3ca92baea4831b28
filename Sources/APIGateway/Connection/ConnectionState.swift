import NIOCore

/// What a connection waits for, and since when: a pure machine. `ConnectionGuard` feeds it and does what it says.
struct ConnectionState {
    private enum Inbound {
        /// Between two requests: that time is the idle timeout's.
        case quiet
        case head(since: NIODeadline)
        case body(since: NIODeadline, bytes: Int)
    }

    enum Verdict: Equatable {
        /// Nothing to watch.
        case fine
        /// Look again at this time.
        case wait(until: NIODeadline)
        /// Too slow. `mayAnswer`: nothing of an answer has been sent yet.
        case tooSlow(mayAnswer: Bool)
    }

    private let rules: ConnectionRules
    private var inbound = Inbound.quiet
    /// Requests whose head has come and whose answer has not ended.
    private(set) var answersDue = 0
    /// Whether the first of them has begun to be answered.
    private(set) var hasBegunToAnswer = false
    /// The answer that is being sent is the last.
    private(set) var isLastAnswer = false
    private var isUpgraded = false

    init(rules: ConnectionRules) { self.rules = rules }

    mutating func opened(at now: NIODeadline) { inbound = .head(since: now) }

    mutating func read(bytes: Int, at now: NIODeadline) {
        switch inbound {
        case .quiet: if !isUpgraded { inbound = .head(since: now) }
        case .head: break
        case .body(let since, let before): inbound = .body(since: since, bytes: before + bytes)
        }
    }

    mutating func readHead(at now: NIODeadline) {
        inbound = .body(since: now, bytes: 0)
        answersDue += 1
    }

    mutating func readEnd() { inbound = .quiet }

    /// From now on it speaks another protocol, which watches itself.
    mutating func upgraded() {
        isUpgraded = true
        inbound = .quiet
    }

    /// - Parameter isClosing: client or answer want no further request.
    /// - Returns: whether this answer is the last. One that comes before its request is complete is: what would follow
    ///   is the rest of a body that nobody wants.
    mutating func beginAnswer(isClosing: Bool) -> Bool {
        hasBegunToAnswer = true
        if case .body = inbound, answersDue == 1 { isLastAnswer = true }
        if isClosing { isLastAnswer = true }
        return isLastAnswer
    }

    mutating func endAnswer() {
        answersDue -= 1
        hasBegunToAnswer = false
    }

    /// Whether an answer may be given here to what cannot be read any more: the request that comes in now is the only
    /// one, and nobody has begun to answer it.
    var mayAnswer: Bool {
        guard answersDue > 0 else { return true }
        if case .body = inbound { return answersDue == 1 && !hasBegunToAnswer }
        return false
    }

    /// - Parameter isReading: whether bytes are taken from the client now. While none are, it is not the client who is
    ///   slow.
    func check(at now: NIODeadline, isReading: Bool) -> Verdict {
        guard let deadline else { return .fine }
        if now < deadline { return .wait(until: deadline) }
        if !isReading { return .wait(until: now + .seconds(1)) }
        switch inbound {
        case .quiet: return .fine
        case .head:
            // Who has sent requests gets their answers first.
            return answersDue > 0 ? .wait(until: now + .seconds(1)) : .tooSlow(mayAnswer: true)
        case .body: return .tooSlow(mayAnswer: mayAnswer)
        }
    }

    private var deadline: NIODeadline? {
        switch inbound {
        case .quiet: nil
        case .head(let since): since + rules.head
        case .body(let since, let bytes):
            since
                + min(rules.body, max(rules.bodyGrace, .milliseconds(Int64(bytes * 1_000 / rules.bodyBytesPerSecond))))
        }
    }
}
