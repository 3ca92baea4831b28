package import Logging
import ServiceLifecycle
import Synchronization

/// A connection of its own for commands that block in Redis, such as BLMOVE: one at a time.
package final class RedisBlockingClient: Service, Sendable {
    private struct Turn {
        var number: UInt64 = 0
        var isTaken = false
    }

    private let configuration: RedisConfiguration
    private let logger: Logger
    private let thread: ConnectionThread
    private let mailbox: CommandMailbox
    private let turn = Mutex(Turn())

    package init(configuration: RedisConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        thread = ConnectionThread(name: "redis-blocking")
        mailbox = CommandMailbox(
            wakeup: thread.wakeup, maxPending: 16, maxPendingBytes: configuration.maxPendingBytes)
    }

    deinit { thread.stop(.atOnce) }

    /// Keeps the connection until a graceful shutdown, which waits for the command under way (a reply in flight is not
    /// lost), or until the task is cancelled, which does not.
    package func run() async throws {
        start()
        await thread.runUntilStopped { [mailbox] in mailbox.close() }
    }

    /// Fails the command under way with `.closed` and closes the connection; `run` then returns.
    package func close() {
        mailbox.close()
        start()
        thread.stop(.atOnce)
    }

    /// The reply to one command, within `timeout` from the call, which must be longer than the time the command itself
    /// may block. Throws `RedisError`; `.overloaded` when another call is under way; CancellationError when the task
    /// is cancelled.
    ///
    /// Cancellation and timeout close the socket at once. Redis may already have acted by then, and the reply is lost:
    /// what BLMOVE took lies in its destination list and must be found there.
    package func send(_ command: RedisCommand, timeout: Duration) async throws -> RedisReply {
        try Task.checkCancellation()
        let number = try takeTurn()
        defer { turn.withLock { $0.isTaken = false } }
        let reply = try await withTaskCancellationHandler {
            try await submit(command, number: number, timeout: timeout)
        } onCancel: {
            mailbox.abandon(number)
        }
        if case .error(let message) = reply { throw RedisError.server(message) }
        return reply
    }

    private func takeTurn() throws -> UInt64 {
        try turn.withLock { turn in
            if turn.isTaken { throw RedisError.overloaded }
            turn.isTaken = true
            turn.number += 1
            return turn.number
        }
    }

    private func submit(_ command: RedisCommand, number: UInt64, timeout: Duration) async throws -> RedisReply {
        try await withReplyContinuation { continuation in
            let submission = CommandMailbox.Submission(
                waiter: continuation, identifier: number, name: command.name, byteCount: command.encoded.count,
                replyCount: 1, timeout: timeout)
            mailbox.submit(submission, CollectionOfOne(command))
            start()
        }
    }

    private func start() {
        let hasThread = thread.start { [configuration, logger, mailbox, thread] in
            // Blocking is silence: only the command's own time ends it.
            let conversation = CommandConversation(
                mailbox: mailbox, silenceLimit: .seconds(86_400 * 365), dropsOnTimeout: true)
            Link(conversation, configuration: configuration, thread: thread, logger: logger).run()
        }
        if !hasThread { CommandConversation(mailbox: mailbox, silenceLimit: .zero).close() }
    }
}
