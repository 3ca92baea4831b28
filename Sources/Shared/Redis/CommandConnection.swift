import Logging

/// One connection for commands with its mailbox and its thread. Opened by `start` or by the first command, closed when
/// it goes.
final class CommandConnection: Sendable {
    enum Kind: Sendable {
        /// Any number of commands at once.
        case pipelined
        /// Commands that block, one at a time.
        case blocking
    }

    let thread: ConnectionThread
    private let mailbox: CommandMailbox
    private let manner: CommandConversation.Manner
    private let configuration: RedisConfiguration
    private let logger: Logger
    private let destination: @Sendable (Wakeup) -> any Destination

    /// `destination` is called once, on the connection's thread, with the bell to ring when it has news.
    init(
        _ kind: Kind, configuration: RedisConfiguration, logger: Logger, handsBackUnsent: Bool = false,
        leavesReplicas: Bool = false, destination: @escaping @Sendable (Wakeup) -> any Destination
    ) {
        self.configuration = configuration
        self.logger = logger
        self.destination = destination
        thread = ConnectionThread(name: kind == .blocking ? "redis-blocking" : "redis-client")
        mailbox = CommandMailbox(
            wakeup: thread.wakeup, maxPending: kind == .blocking ? 16 : configuration.maxPending,
            maxPendingBytes: configuration.maxPendingBytes)
        // Blocking is silence: only the command's own time ends it.
        let silenceLimit = kind == .blocking ? Duration.seconds(86_400 * 365) : configuration.commandTimeout
        manner = CommandConversation.Manner(
            silenceLimit: silenceLimit, dropsOnTimeout: kind == .blocking, handsBackUnsent: handsBackUnsent,
            leavesReplicas: leavesReplicas)
    }

    deinit { thread.stop(.atOnce) }

    /// What waits for its reply.
    var pending: (commands: Int, bytes: Int) { mailbox.pending }

    /// The reply to one command, or to several as an array.
    @inline(__always)
    func submit(
        _ commands: some Collection<RedisCommand>, as name: String, identifier: UInt64 = 0, timeout: Duration
    ) async throws -> RedisReply {
        try await withReplyContinuation { continuation in
            let submission = CommandMailbox.Submission(
                waiter: continuation, identifier: identifier, name: name,
                byteCount: commands.reduce(0) { $0 + $1.encoded.count }, replyCount: commands.count, timeout: timeout)
            mailbox.submit(submission, commands)
            start()
        }
    }

    /// The caller of this command has gone; also when the command is still to come.
    func abandon(_ identifier: UInt64) { mailbox.abandon(identifier) }

    func start() {
        let hasThread = thread.start { [configuration, logger, mailbox, thread, manner, destination] in
            let conversation = CommandConversation(mailbox: mailbox, manner: manner)
            Link(
                conversation, to: destination(thread.wakeup), configuration: configuration, thread: thread,
                logger: logger
            ).run()
        }
        if !hasThread { CommandConversation(mailbox: mailbox, manner: manner).close() }
    }

    /// No new callers.
    func refuseCallers() { mailbox.close() }

    /// Fails everything that waits with `.closed` and ends the thread.
    func close() {
        mailbox.close()
        start()
        thread.stop(.atOnce)
    }
}
