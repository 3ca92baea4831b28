import Logging

/// The way commands take: over one connection, to wherever the master is, or through a cluster.
enum CommandPath: Sendable {
    case direct(CommandConnection)
    case master(MasterRouter)
    case cluster(ClusterRouter)

    init(_ kind: CommandConnection.Kind, configuration: RedisConfiguration, logger: Logger) {
        switch configuration.topology {
        case .single:
            self = .direct(
                CommandConnection(kind, configuration: configuration, logger: logger) { _ in
                    FixedDestination(configuration.endpoint)
                })
        case .sentinel(let name, let sentinels):
            let watch = MasterWatch(name: name, sentinels: sentinels, configuration: configuration, logger: logger)
            self = .master(MasterRouter(kind, watch: watch, configuration: configuration, logger: logger))
        case .cluster(let seeds):
            let watch = ClusterWatch(seeds: seeds, configuration: configuration, logger: logger)
            self = .cluster(ClusterRouter(kind, watch: watch, configuration: configuration, logger: logger))
        }
    }

    var hasSlots: Bool {
        if case .cluster = self { true } else { false }
    }

    /// What waits for its reply.
    var pending: (commands: Int, bytes: Int) {
        switch self {
        case .direct(let connection): connection.pending
        case .master(let router): router.connection.pending
        case .cluster(let router): router.pending
        }
    }

    /// The reply to one command; an error reply is thrown. `identifier` is a number for `abandon`, or 0.
    @inline(__always)
    func send(_ command: RedisCommand, identifier: UInt64 = 0, timeout: Duration) async throws -> RedisReply {
        let reply: RedisReply
        switch self {
        case .direct(let connection):
            reply = try await connection.submit(
                CollectionOfOne(command), as: command.name, identifier: identifier, timeout: timeout)
        case .master(let router):
            reply = try await router.perform(
                [command], as: command.name, identifier: identifier, timeout: timeout)[0]
        case .cluster(let router):
            reply = try await router.perform(
                [command], as: command.name, identifier: identifier, timeout: timeout)[0]
        }
        if case .error(let message) = reply { throw RedisError.server(message) }
        return reply
    }

    /// The replies in order, errors among them.
    func pipeline(_ commands: [RedisCommand], timeout: Duration) async throws -> [RedisReply] {
        guard let first = commands.first else { return [] }
        let name = commands.count == 1 ? first.name : "pipeline"
        switch self {
        case .direct(let connection):
            let reply = try await connection.submit(commands, as: name, timeout: timeout)
            return commands.count == 1 ? [reply] : reply.array ?? []
        case .master(let router): return try await router.perform(commands, as: name, timeout: timeout)
        case .cluster(let router): return try await router.perform(commands, as: name, timeout: timeout)
        }
    }

    /// The caller of this command has gone; also when the command is still to come.
    func abandon(_ identifier: UInt64) {
        switch self {
        case .direct(let connection): connection.abandon(identifier)
        case .master(let router): router.connection.abandon(identifier)
        case .cluster(let router): router.abandon(identifier)
        }
    }

    func run() async {
        switch self {
        case .direct(let connection):
            connection.start()
            await connection.thread.runUntilStopped { connection.refuseCallers() }
        case .master(let router): await router.run()
        case .cluster(let router): await router.run()
        }
    }

    func close() {
        switch self {
        case .direct(let connection): connection.close()
        case .master(let router): router.close()
        case .cluster(let router): router.close()
        }
    }
}
