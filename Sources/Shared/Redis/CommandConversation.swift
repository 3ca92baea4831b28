/// Commands and their replies on one connection; the thread's side of `RedisClient` and `RedisBlockingClient`.
final class CommandConversation: Conversation {
    private let mailbox: CommandMailbox
    private let silenceLimit: Duration
    /// A late reply has no place here: when a sent command's time is up, the connection goes with it.
    private let dropsOnTimeout: Bool

    private var pipeline = CommandPipeline<ReplyContinuation>()
    private var submissions: [CommandMailbox.Submission] = []
    private var bytes: [UInt8] = []
    private var answers: [(ReplyContinuation, RedisReply)] = []
    private var isOpen = false
    private var connectFailure: String?

    init(mailbox: CommandMailbox, silenceLimit: Duration, dropsOnTimeout: Bool = false) {
        self.mailbox = mailbox
        self.silenceLimit = silenceLimit
        self.dropsOnTimeout = dropsOnTimeout
    }

    var nextDeadline: Instant? { pipeline.nextDeadline(silenceLimit: silenceLimit) }
    var isIdle: Bool { pipeline.isEmpty }
    var hasOutput: Bool { pipeline.hasOutput }

    func collect(now: Instant) -> Bool {
        let abandoned = mailbox.take(&submissions, bytes: &bytes)
        if !submissions.isEmpty { pipeline.append(&submissions, bytes: &bytes, now: now) }
        guard let abandoned, let casualty = pipeline.abandonOldest(abandoned) else { return true }
        makeRoom()
        casualty.waiter.resume(throwing: CancellationError())
        return !casualty.wasSent
    }

    func expire(now: Instant) -> Bool {
        let casualties = pipeline.expire(now: now)
        makeRoom()
        for casualty in casualties { casualty.waiter.resume(throwing: timeoutError(casualty)) }
        if dropsOnTimeout, casualties.contains(where: \.wasSent) { return false }
        return !pipeline.isSilent(for: silenceLimit, now: now)
    }

    /// Before callers hear that their command is through, so that they may send the next one at once.
    private func makeRoom() {
        let released = pipeline.takeReleased()
        if released.commands > 0 { mailbox.release(commands: released.commands, bytes: released.bytes) }
    }

    private func timeoutError(_ casualty: CommandPipeline<ReplyContinuation>.Casualty) -> RedisError {
        if !casualty.wasSent, !isOpen, let connectFailure { return .connect(connectFailure) }
        return .timeout(command: casualty.name, isOutcomeUnknown: casualty.wasSent)
    }

    func opened(now: Instant) {
        isOpen = true
        connectFailure = nil
    }

    func lost(now: Instant) {
        isOpen = false
        let casualties = pipeline.lose()
        makeRoom()
        for casualty in casualties {
            casualty.waiter.resume(
                throwing: RedisError.connectionLost(command: casualty.name, isOutcomeUnknown: true))
        }
    }

    func couldNotConnect(_ reason: String) { connectFailure = reason }

    func withOutput<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        try pipeline.withOutput(body)
    }

    func wrote(_ byteCount: Int, now: Instant) { pipeline.wrote(byteCount, now: now) }

    func heard(now: Instant) { pipeline.heard(now: now) }

    func received(_ reply: RedisReply) throws(RedisError) {
        if let answer = try pipeline.receive(reply) { answers.append((answer.waiter, answer.reply)) }
    }

    func endOfReplies() {
        makeRoom()
        for (waiter, reply) in answers { waiter.resume(returning: reply) }
        answers.removeAll(keepingCapacity: answers.count <= 4_096)
    }

    func mayGoToSleep() -> Bool { mailbox.ownerGoesToSleep() }

    func close() {
        mailbox.close()
        _ = mailbox.take(&submissions, bytes: &bytes)
        pipeline.append(&submissions, bytes: &bytes, now: .now)
        for casualty in pipeline.removeAll() {
            casualty.waiter.resume(throwing: RedisError.closed(isOutcomeUnknown: casualty.wasSent))
        }
    }
}
