import Logging

/// One connection, to wherever the sentinels say that the master is.
final class MasterRouter: Sendable {
    /// A command that one server after the other refuses as a replica has no master to go to.
    private static let maxAttempts = 16

    let connection: CommandConnection
    private let watch: MasterWatch

    init(_ kind: CommandConnection.Kind, watch: MasterWatch, configuration: RedisConfiguration, logger: Logger) {
        self.watch = watch
        connection = CommandConnection(
            kind, configuration: configuration, logger: logger, leavesReplicas: true
        ) { bell in MasterDestination(watch, template: configuration.endpoint, bell: bell) }
    }

    deinit { watch.thread.stop(.atOnce) }

    /// The replies in order. What a former master refused it has not carried out: that is sent again, to the new one.
    func perform(
        _ commands: [RedisCommand], as name: String, identifier: UInt64 = 0, timeout: Duration
    ) async throws -> [RedisReply] {
        watch.start()
        let deadline = ContinuousClock.now + timeout
        var replies = try await submit(commands, as: name, identifier: identifier, timeout: timeout)
        for _ in 1..<Self.maxAttempts {
            let refused = replies.indices.filter { Redirection.isFromFormerMaster(replies[$0]) }
            let rest = deadline - .now
            if refused.isEmpty || rest <= .zero { break }
            let again = try await retry(
                refused.map { commands[$0] }, as: name, identifier: identifier, timeout: rest,
                isPart: refused.count < commands.count)
            for (index, reply) in zip(refused, again) { replies[index] = reply }
        }
        return replies
    }

    /// When a part of the call has been carried out, no failure of the rest is one of the whole.
    private func retry(
        _ commands: [RedisCommand], as name: String, identifier: UInt64, timeout: Duration, isPart: Bool
    ) async throws -> [RedisReply] {
        do {
            return try await submit(commands, as: name, identifier: identifier, timeout: timeout)
        } catch let error as RedisError where isPart && !error.isOutcomeUnknown {
            throw RedisError.timeout(command: name, isOutcomeUnknown: true)
        }
    }

    private func submit(
        _ commands: [RedisCommand], as name: String, identifier: UInt64, timeout: Duration
    ) async throws -> [RedisReply] {
        let reply = try await connection.submit(commands, as: name, identifier: identifier, timeout: timeout)
        return commands.count == 1 ? [reply] : reply.array ?? []
    }

    func run() async {
        watch.start()
        connection.start()
        await connection.thread.runUntilStopped { [connection] in connection.refuseCallers() }
        watch.thread.stop(.atOnce)
        await watch.thread.ended()
    }

    func close() {
        watch.start()
        connection.close()
        watch.thread.stop(.atOnce)
    }
}
