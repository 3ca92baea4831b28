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
/// With Sentinel the connection leads to the present master. With Redis Cluster there is one to each master; a command
/// goes to the node of its keys, one without a key to any. What a node refused because it is not, or no more, the right
/// one has not been carried out and is sent again within its time; what broke on the way never is.
///
/// The connection is opened by `run` or by the first command; without `run` it is closed when the client goes.
package final class RedisClient: Service, Sendable {
    private let timeout: Duration
    private let path: CommandPath

    package init(configuration: RedisConfiguration, logger: Logger) {
        timeout = configuration.commandTimeout
        path = CommandPath(.pipelined, configuration: configuration, logger: logger)
    }

    /// Keeps the connection until a graceful shutdown, which lets waiting commands finish, or until the task is
    /// cancelled, which fails them with `.closed`. Everything is closed when it returns.
    package func run() async throws { await path.run() }

    /// Fails everything that waits with `.closed` and closes the connection; `run` then returns.
    package func close() { path.close() }

    /// Commands that wait for their reply now, for a gauge.
    package var waitingCommands: Int { path.pending.commands }
    /// Their bytes on the wire.
    package var waitingBytes: Int { path.pending.bytes }

    /// Whether the keys of one command have to lie in one slot: with Redis Cluster.
    package var hasSlots: Bool { path.hasSlots }

    /// The reply to one command. Throws `RedisError`; `.server` when Redis answers with an error, also when the keys of
    /// the command lie in different slots of a cluster (`CROSSSLOT`).
    package func send(_ command: RedisCommand) async throws -> RedisReply {
        try await path.send(command, timeout: timeout)
    }

    /// Sends the commands together and returns their replies in order. They are not a transaction: others may come
    /// between, and a cluster's nodes work side by side. Error replies stay in place as `.error`. When a connection
    /// breaks, the whole call throws.
    package func pipeline(_ commands: [RedisCommand]) async throws -> [RedisReply] {
        try await path.pipeline(commands, timeout: timeout)
    }

    /// Runs a script by its digest; when Redis does not know it (any more), with its source, which also loads it.
    package func evaluate(
        _ script: RedisScript, keys: [String], arguments: [RedisWord] = []
    ) async throws -> RedisReply {
        let call = RedisScript.Call(keys: keys, arguments: arguments)
        do {
            return try await send(script.byDigest(call))
        } catch let error as RedisError where error.serverCode == "NOSCRIPT" {
            return try await send(script.bySource(call))
        }
    }

    /// Runs a script several times, sent together like `pipeline`: in a cluster each call may be another node's.
    package func evaluate(_ script: RedisScript, _ calls: [RedisScript.Call]) async throws -> [RedisReply] {
        var replies = try await pipeline(calls.map(script.byDigest))
        for (index, reply) in replies.enumerated() {
            guard case .error(let text) = reply, text.hasPrefix("NOSCRIPT") else { continue }
            replies[index] = try await send(script.bySource(calls[index]))
        }
        return replies
    }

    /// Returns when Redis has answered; throws like `send`.
    /// - Parameter limit: how long it may take; `nil`: `commandTimeout`, which is never exceeded.
    package func ping(within limit: Duration? = nil) async throws {
        _ = try await path.send(RedisCommand(["PING"]), timeout: min(limit ?? timeout, timeout))
    }
}
