package import Logging
import ServiceLifecycle
import Synchronization

/// A connection of its own for commands that block in Redis, such as BLMOVE: one at a time.
package final class RedisBlockingClient: Service, Sendable {
    private struct Turn {
        var number: UInt64 = 0
        var isTaken = false
    }

    private let path: CommandPath
    private let turn = Mutex(Turn())

    package init(configuration: RedisConfiguration, logger: Logger) {
        path = CommandPath(.blocking, configuration: configuration, logger: logger)
    }

    /// Keeps the connection until a graceful shutdown, which waits for the command under way (a reply in flight is not
    /// lost), or until the task is cancelled, which does not.
    package func run() async throws { await path.run() }

    /// Fails the command under way with `.closed` and closes the connection; `run` then returns.
    package func close() { path.close() }

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
        return try await withTaskCancellationHandler {
            try await path.send(command, identifier: number, timeout: timeout)
        } onCancel: {
            path.abandon(number)
        }
    }

    private func takeTurn() throws -> UInt64 {
        try turn.withLock { turn in
            if turn.isTaken { throw RedisError.overloaded }
            turn.isTaken = true
            turn.number += 1
            return turn.number
        }
    }
}
