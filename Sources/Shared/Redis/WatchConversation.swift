/// The thread's side of a watch. A server that owes an answer too long is left, and after a few answers also a good
/// one, because it may be on the wrong side of a split network.
final class WatchConversation: Conversation {
    private static let interval = Duration.milliseconds(500)
    /// However much is asked for.
    private static let minInterval = Duration.milliseconds(10)
    static let patience = Duration.seconds(1)
    private static let answersPerServer = 3

    private let watch: any Watch
    private let rotation: Rotation
    private let bytes: [UInt8]
    private let expectedCount: Int
    private var cursor: Int
    private var replies: [RedisReply] = []
    private var isOpen = false
    /// When the inquiry under way was sent.
    private var askedAt: Instant?
    private var lastAsked = Instant.now - .seconds(1)
    private var askedFor: UInt64 = 0
    private var answers = 0
    private var hasEnough = false
    private var waitersDeadline: Instant?

    /// `rotation` is where the link goes.
    init(_ watch: any Watch, over rotation: Rotation) {
        self.watch = watch
        self.rotation = rotation
        bytes = watch.inquiry.flatMap(\.encoded)
        expectedCount = watch.inquiry.count
        cursor = bytes.count
    }

    var isIdle: Bool { true }
    var hasOutput: Bool { cursor < bytes.count }

    func collect(now: Instant) -> Bool {
        if hasEnough { return false }
        guard isOpen, askedAt == nil else { return true }
        guard now >= nextInquiry else { return true }
        askedFor = watch.questions
        (askedAt, lastAsked, cursor, replies) = (now, now, 0, [])
        return true
    }

    private var nextInquiry: Instant {
        lastAsked + (watch.questions > askedFor ? Self.minInterval : Self.interval)
    }

    func expire(now: Instant) -> Bool {
        waitersDeadline = watch.expire(now: now)
        guard isOpen, let askedAt, now - askedAt >= Self.patience else { return true }
        if let node = rotation.current { watch.couldNotAsk("\(node): no answer in time") }
        return false
    }

    var nextDeadline: Instant? {
        guard isOpen else { return waitersDeadline }
        let own = askedAt.map { $0 + Self.patience } ?? nextInquiry
        return min(own, waitersDeadline ?? own)
    }

    func opened(now: Instant) {
        isOpen = true
        lastAsked = now - Self.interval
    }

    func lost(now: Instant) {
        isOpen = false
        (askedAt, cursor, replies, answers, hasEnough) = (nil, bytes.count, [], 0, false)
    }

    func couldNotConnect(_ reason: String) { watch.couldNotAsk(reason) }

    func withOutput<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[cursor...])) }
    }

    func wrote(_ byteCount: Int, now: Instant) { cursor += byteCount }
    func heard(now: Instant) {}

    func received(_ reply: RedisReply) throws(RedisError) {
        guard askedAt != nil else { throw .protocolViolation("a reply that no command asked for") }
        replies.append(reply)
        guard replies.count == expectedCount, let node = rotation.current else { return }
        askedAt = nil
        let isUseful = watch.learn(replies, from: node, question: askedFor)
        answers += 1
        hasEnough = !isUseful || answers >= Self.answersPerServer
    }

    func endOfReplies() {}

    /// A question always rings the bell: see `ask` of the watches.
    func mayGoToSleep() -> Bool { !hasEnough }

    func close() { watch.close() }
}
