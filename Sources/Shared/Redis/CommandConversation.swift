/// Commands and their replies on one connection; the thread's side of `RedisClient` and `RedisBlockingClient`.
final class CommandConversation: Conversation {
    struct Manner: Sendable {
        var silenceLimit: Duration
        /// A late reply has no place here: when a sent command's time is up, the connection goes with it.
        var dropsOnTimeout = false
        /// Without a connection, what is unsent goes back to its callers as `.connect` at once: they know other nodes.
        var handsBackUnsent = false
        /// An answer that only a replica gives means that there is a new master: on to that one.
        var leavesReplicas = false
    }

    private let mailbox: CommandMailbox
    private let manner: Manner

    private var pipeline = CommandPipeline<ReplyContinuation>()
    private var submissions: [CommandMailbox.Submission] = []
    private var bytes: [UInt8] = []
    private var answers: [(ReplyContinuation, RedisReply)] = []
    private var isOpen = false
    private var connectFailure: String?

    init(mailbox: CommandMailbox, manner: Manner) {
        self.mailbox = mailbox
        self.manner = manner
    }

    var nextDeadline: Instant? { pipeline.nextDeadline(silenceLimit: manner.silenceLimit) }
    var isIdle: Bool { pipeline.isEmpty }
    var hasOutput: Bool { pipeline.hasOutput }

    func collect(now: Instant) -> Bool {
        let abandoned = mailbox.take(&submissions, bytes: &bytes)
        if !submissions.isEmpty { pipeline.append(&submissions, bytes: &bytes, now: now) }
        let mayKeep = !pipeline.isHeld || pipeline.awaitsReply
        guard let abandoned, let casualty = pipeline.abandonOldest(abandoned) else { return mayKeep }
        makeRoom()
        casualty.waiter.resume(throwing: CancellationError())
        return !casualty.wasSent && mayKeep
    }

    func expire(now: Instant) -> Bool {
        handBackUnsent()
        let casualties = pipeline.expire(now: now)
        makeRoom()
        for casualty in casualties { casualty.waiter.resume(throwing: timeoutError(casualty)) }
        if manner.dropsOnTimeout, casualties.contains(where: \.wasSent) { return false }
        return !pipeline.isSilent(for: manner.silenceLimit, now: now)
    }

    private func handBackUnsent() {
        guard manner.handsBackUnsent, let connectFailure else { return }
        let casualties = pipeline.removeUnsent()
        makeRoom()
        for casualty in casualties { casualty.waiter.resume(throwing: RedisError.connect(connectFailure)) }
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
        if manner.handsBackUnsent { couldNotConnect("the connection to a node broke") }
    }

    func couldNotConnect(_ reason: String) {
        connectFailure = reason
        handBackUnsent()
    }

    func withOutput<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        try pipeline.withOutput(body)
    }

    func wrote(_ byteCount: Int, now: Instant) { pipeline.wrote(byteCount, now: now) }

    func heard(now: Instant) { pipeline.heard(now: now) }

    func received(_ reply: RedisReply) throws(RedisError) {
        if manner.leavesReplicas, Redirection.isFromFormerMaster(reply) { pipeline.isHeld = true }
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
