package import Logging
import ServiceLifecycle

/// Sends commands over one connection, from any number of callers at once.
///
/// Commands that wait go out as one write and are carried out in the order in which they were submitted. A broken
/// connection is made anew; meanwhile commands wait, at most `commandTimeout` and at most `maxPending` of them.
/// `send` does not react to task cancellation: it is bounded by `commandTimeout`, and a reply that was given up would
/// leave its outcome unknown.
///
/// Commands that block (BLMOVE) belong to `RedisBlockingClient`, subscriptions to `RedisSubscriber`; those that change
/// the connection's state (SELECT, MULTI, MONITOR, CLIENT REPLY) to nobody: the connection is shared and replaceable.
///
/// The connection is opened by `run` or by the first command; without `run` it is closed when the client goes.
package final class RedisClient: Service, Sendable {
    private let configuration: RedisConfiguration
    private let logger: Logger
    private let thread: ConnectionThread
    private let mailbox: CommandMailbox

    package init(configuration: RedisConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        thread = ConnectionThread(name: "redis-client")
        mailbox = CommandMailbox(
            wakeup: thread.wakeup, maxPending: configuration.maxPending,
            maxPendingBytes: configuration.maxPendingBytes)
    }

    deinit { thread.stop(.atOnce) }

    /// Keeps the connection until a graceful shutdown, which lets waiting commands finish, or until the task is
    /// cancelled, which fails them with `.closed`. Everything is closed when it returns.
    package func run() async throws {
        start()
        await thread.runUntilStopped { [mailbox] in mailbox.close() }
    }

    /// Fails everything that waits with `.closed` and closes the connection; `run` then returns.
    package func close() {
        mailbox.close()
        start()
        thread.stop(.atOnce)
    }

    /// Commands that wait for their reply now, for a gauge.
    package var waitingCommands: Int { mailbox.pending.commands }
    /// Their bytes on the wire.
    package var waitingBytes: Int { mailbox.pending.bytes }

    /// The reply to one command. Throws `RedisError`; `.server` when Redis answers with an error.
    package func send(_ command: RedisCommand) async throws -> RedisReply {
        let reply = try await submit(CollectionOfOne(command), as: command.name)
        if case .error(let message) = reply { throw RedisError.server(message) }
        return reply
    }

    /// Sends the commands together and returns their replies in order. They are not a transaction: others may come
    /// between. Error replies stay in place as `.error`. When the connection breaks, the whole call throws.
    package func pipeline(_ commands: [RedisCommand]) async throws -> [RedisReply] {
        guard let first = commands.first else { return [] }
        let reply = try await submit(commands, as: commands.count == 1 ? first.name : "pipeline")
        return commands.count == 1 ? [reply] : reply.array ?? []
    }

    /// Runs a script by its digest; when Redis does not know it (any more), with its source, which also loads it.
    package func evaluate(
        _ script: RedisScript, keys: [String], arguments: [RedisWord] = []
    ) async throws -> RedisReply {
        let rest = [RedisWord(keys.count)] + keys.map { RedisWord($0) } + arguments
        let short = RedisCommand(name: script.name, ["EVALSHA", RedisWord(script.digest)] + rest)
        do {
            return try await send(short)
        } catch let error as RedisError where error.serverCode == "NOSCRIPT" {
            return try await send(RedisCommand(name: script.name, ["EVAL", RedisWord(script.source)] + rest))
        }
    }

    /// Returns when Redis has answered; throws like `send`.
    package func ping() async throws { _ = try await send(RedisCommand(["PING"])) }

    private func submit(_ commands: some Collection<RedisCommand>, as name: String) async throws -> RedisReply {
        try await withReplyContinuation { continuation in
            let submission = CommandMailbox.Submission(
                waiter: continuation, name: name, byteCount: commands.reduce(0) { $0 + $1.encoded.count },
                replyCount: commands.count, timeout: configuration.commandTimeout)
            mailbox.submit(submission, commands)
            start()
        }
    }

    private func start() {
        let hasThread = thread.start { [configuration, logger, mailbox, thread] in
            let conversation = CommandConversation(mailbox: mailbox, silenceLimit: configuration.commandTimeout)
            Link(conversation, configuration: configuration, thread: thread, logger: logger).run()
        }
        if !hasThread { CommandConversation(mailbox: mailbox, silenceLimit: .zero).close() }
    }
}
