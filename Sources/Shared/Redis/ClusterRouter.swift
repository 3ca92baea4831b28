import Logging
import ServiceLifecycle
import Synchronization

/// A connection to each master of a cluster, made when first needed, and the way of every command to the right one.
final class ClusterRouter: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Line {
        let connection: CommandConnection
        /// Since when the node has been no master of the map and nobody has wanted it either.
        var absentSince: Instant?
    }

    private struct State {
        var lines: [RedisNode: Line] = [:]
        var isClosed = false
        /// The last command whose caller has gone.
        var abandoned: UInt64 = 0
    }

    private static let asking = RedisCommand(["ASKING"])
    /// Long enough for a node that lives to say where its slots are now to everybody who waits for it.
    private static let maxAbsence = Duration.milliseconds(500)

    private let kind: CommandConnection.Kind
    private let watch: ClusterWatch
    private let configuration: RedisConfiguration
    private let logger: Logger
    private let state = Mutex(State())

    init(_ kind: CommandConnection.Kind, watch: ClusterWatch, configuration: RedisConfiguration, logger: Logger) {
        self.kind = kind
        self.watch = watch
        self.configuration = configuration
        self.logger = logger
        watch.listen { [weak self] map in self?.dropAbsent(from: map, now: .now) }
    }

    deinit { watch.thread.stop(.atOnce) }

    /// What waits for its reply, at all nodes together; the bound on it counts for each node.
    var pending: (commands: Int, bytes: Int) {
        state.withLock { state in
            state.lines.values.map(\.connection.pending).reduce((0, 0)) { ($0.0 + $1.commands, $0.1 + $1.bytes) }
        }
    }

    /// The replies in order. Follows the nodes' directions within `timeout`.
    func perform(
        _ commands: [RedisCommand], as name: String, identifier: UInt64 = 0, timeout: Duration
    ) async throws -> [RedisReply] {
        let call = ClusterCall(commands, name: name, identifier: identifier, deadline: .now + timeout)
        var batch = try ClusterBatch(commands)
        var pause = Duration.milliseconds(10)
        watch.start()
        while true {
            let map = try await map(until: call.deadline)
            let setback = try await attempt(call, &batch, map)
            if batch.isSettled { break }
            if batch.mustAsk { watch.ask() }
            if ContinuousClock.now >= call.deadline {
                try giveUp(call, batch, setback)
                break
            }
            if batch.mustPause {
                await watch.pause(until: min(call.deadline, .now + pause))
                pause = min(pause * 2, .milliseconds(200))
            }
            if identifier != 0 { try Task.checkCancellation() }
        }
        return batch.replies.map { $0 ?? .null }
    }

    /// One round: every command that is still open to the node that seems right. Returns why a part was not sent.
    private func attempt(_ call: ClusterCall, _ batch: inout ClusterBatch, _ map: SlotMap) async throws -> RedisError? {
        let parts = batch.parts(map)
        var setback: RedisError?
        var failure: (any Error)?
        for (part, outcome) in zip(parts, await submit(parts, of: call)) {
            do {
                batch.take(try outcome.get(), for: part)
            } catch let error as RedisError where isSetback(error) {
                batch.handedBack(part)
                setback = error
            } catch {
                failure = error
            }
        }
        for move in batch.moves { watch.moved(move.slot, to: move.node) }
        if let failure { throw call.failure(failure, isPartDone: batch.hasAnswers, isClosed: isClosed) }
        return setback
    }

    /// Nothing was sent, and another attempt may find a node that takes it.
    private func isSetback(_ error: RedisError) -> Bool {
        switch error {
        case .connect: true
        case .timeout(_, let isUnknown): !isUnknown
        case .closed(let isUnknown): !isUnknown && !isClosed
        default: false
        }
    }

    /// The time is up. Returns when every open command has at least been refused for a reason.
    private func giveUp(_ call: ClusterCall, _ batch: ClusterBatch, _ setback: RedisError?) throws {
        guard batch.replies.contains(nil) else { return }
        let reason = setback ?? .timeout(command: call.name, isOutcomeUnknown: false)
        throw call.failure(reason, isPartDone: batch.hasAnswers, isClosed: isClosed)
    }

    private func submit(_ parts: [ClusterBatch.Part], of call: ClusterCall) async -> [Result<[RedisReply], any Error>] {
        if parts.count == 1 { return [await submit(parts[0], of: call)] }
        return await withTaskGroup(of: (Int, Result<[RedisReply], any Error>).self) { group in
            for (index, part) in parts.enumerated() {
                group.addTask { (index, await self.submit(part, of: call)) }
            }
            var outcomes = [Result<[RedisReply], any Error>](repeating: .success([]), count: parts.count)
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
    }

    private func submit(_ part: ClusterBatch.Part, of call: ClusterCall) async -> Result<[RedisReply], any Error> {
        do {
            let connection = try connection(to: part.node)
            let commands = part.indexes.flatMap { index in
                part.isAsking ? [Self.asking, call.commands[index]] : [call.commands[index]]
            }
            let reply = try await connection.submit(
                commands, as: call.name, identifier: call.identifier, timeout: call.deadline - .now)
            let replies = commands.count == 1 ? [reply] : reply.array ?? []
            guard part.isAsking else { return .success(replies) }
            return .success(stride(from: 1, to: replies.count, by: 2).map { replies[$0] })
        } catch {
            return .failure(error)
        }
    }

    /// The map, waiting for the first one.
    private func map(until deadline: Instant) async throws -> SlotMap {
        if let map = watch.map { return map }
        await watch.answered(watch.ask(), until: deadline)
        if let map = watch.map { return map }
        if isClosed { throw RedisError.closed(isOutcomeUnknown: false) }
        throw RedisError.connect("\(configuration): \(watch.failure ?? "no node answered")")
    }

    private func connection(to node: RedisNode) throws -> CommandConnection {
        try state.withLock { state in
            if state.isClosed { throw RedisError.closed(isOutcomeUnknown: false) }
            if let line = state.lines[node] {
                if line.absentSince != nil { state.lines[node]?.absentSince = nil }
                return line.connection
            }
            let endpoint = configuration.endpoint.at(node)
            let connection = CommandConnection(
                kind, configuration: configuration, logger: logger, handsBackUnsent: true
            ) { _ in FixedDestination(endpoint) }
            if state.abandoned > 0 { connection.abandon(state.abandoned) }
            state.lines[node] = Line(connection: connection)
            return connection
        }
    }

    private func dropAbsent(from map: SlotMap, now: Instant) {
        let dropped = state.withLock { state in
            var dropped: [CommandConnection] = []
            for (node, line) in state.lines where !map.masters.contains(node) {
                guard let since = line.absentSince else {
                    state.lines[node]?.absentSince = now
                    continue
                }
                if now - since >= Self.maxAbsence, let line = state.lines.removeValue(forKey: node) {
                    dropped.append(line.connection)
                }
            }
            return dropped
        }
        for connection in dropped { connection.thread.stop(.atOnce) }
    }

    func abandon(_ identifier: UInt64) {
        let connections = state.withLock { state in
            state.abandoned = max(state.abandoned, identifier)
            return state.lines.values.map(\.connection)
        }
        for connection in connections { connection.abandon(identifier) }
    }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Until a graceful shutdown, which lets what was sent finish, or a cancelled task.
    func run() async {
        watch.start()
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await watch.thread.ended()
            } onGracefulShutdown: {
                self.stop(.afterPending)
            }
        } onCancel: {
            self.stop(.atOnce)
        }
        for connection in state.withLock({ $0.lines.values.map(\.connection) }) { await connection.thread.ended() }
    }

    func close() {
        watch.start()
        stop(.atOnce)
    }

    private func stop(_ request: ConnectionThread.StopRequest) {
        let connections = state.withLock { state in
            state.isClosed = true
            return state.lines.values.map(\.connection)
        }
        for connection in connections {
            connection.refuseCallers()
            connection.start()
            connection.thread.stop(request)
        }
        watch.thread.stop(.atOnce)
    }
}
