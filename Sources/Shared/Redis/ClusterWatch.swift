import Logging
import Synchronization

/// Knows which node serves which slot: asks the nodes twice a second, and at once when somebody asks.
final class ClusterWatch: Watch {
    private struct Waiting {
        let question: UInt64
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var belief = ClusterBelief()
        var questions: UInt64 = 0
        var answered: UInt64 = 0
        /// Why the last node could not answer, and how many in a row could not.
        var failure: String?
        var failuresInRow = 0
        var waiting: [Waiting] = []
        var listener: (@Sendable (SlotMap) -> Void)?
        var isClosed = false
    }

    let thread = ConnectionThread(name: "redis-cluster")
    let seeds: [RedisEndpoint]
    private let configuration: RedisConfiguration
    private let logger: Logger
    private let state = Mutex(State())

    init(seeds: [RedisEndpoint], configuration: RedisConfiguration, logger: Logger) {
        self.seeds = seeds
        self.configuration = configuration
        self.logger = logger
    }

    func start() {
        let hasThread = thread.start { [self] in
            WatchLink.run(self, thread: thread, configuration: configuration, logger: logger) { [self] in
                let others = (map?.members ?? []).filter { node in !seeds.contains { $0.node == node } }
                return seeds + others.map { configuration.endpoint.at($0) }
            }
        }
        if !hasThread { close() }
    }

    let inquiry = [RedisCommand(["CLUSTER", "SLOTS"]), RedisCommand(["CLUSTER", "INFO"])]

    var questions: UInt64 { state.withLock { $0.questions } }
    var map: SlotMap? { state.withLock { $0.belief.map } }
    /// Why the last node that was asked could not answer.
    var failure: String? { state.withLock { $0.failure } }

    /// Called with every map that is learnt, on the watch's thread.
    func listen(_ listener: @escaping @Sendable (SlotMap) -> Void) { state.withLock { $0.listener = listener } }

    func moved(_ slot: Int, to node: RedisNode) { state.withLock { $0.belief.move(slot, to: node) } }

    /// Wants a new map. The number names the question, for `answered`.
    @discardableResult
    func ask() -> UInt64 {
        defer { thread.wakeup.ring() }
        return state.withLock { state in
            state.questions += 1
            return state.questions
        }
    }

    /// Returns when a map is there that is newer than the question, or at the deadline; also when the task is
    /// cancelled, not earlier.
    func answered(_ question: UInt64, until deadline: ContinuousClock.Instant) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isClosed || state.answered >= question { return true }
                let waiting = Waiting(question: question, deadline: deadline, continuation: continuation)
                state.waiting.append(waiting)
                return false
            }
            if isOver { continuation.resume() } else { thread.wakeup.ring() }
        }
    }

    /// Returns at the deadline: the watch's thread is a clock, too.
    func pause(until deadline: ContinuousClock.Instant) async { await answered(.max, until: deadline) }

    func learn(_ replies: [RedisReply], from node: RedisNode, question: UInt64) -> Bool {
        guard replies.count == 2, let map = try? SlotMap(replies[0], saidBy: node), !map.masters.isEmpty,
            let epoch = replies[1].string.flatMap(Self.epoch)
        else {
            couldNotAsk("\(node) belongs to no cluster with slots")
            return false
        }
        let (isBelieved, listener) = state.withLock { state in
            guard state.belief.learn(map, epoch: epoch) else { return (false, state.listener) }
            state.answered = max(state.answered, question)
            (state.failure, state.failuresInRow) = (nil, 0)
            return (true, state.listener)
        }
        release { $0.question <= question }
        if isBelieved { listener?(map) }
        return isBelieved
    }

    /// https://redis.io/docs/latest/commands/cluster-info/
    private static func epoch(_ info: String) -> Int? {
        let label = "cluster_current_epoch:"
        return info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(label) }
            .flatMap { Int($0.dropFirst(label.count)) }
    }

    func couldNotAsk(_ reason: String) {
        let (failures, nodes) = state.withLock { state in
            state.failure = reason
            state.failuresInRow += 1
            return (state.failuresInRow, max(seeds.count, state.belief.map?.members.count ?? 0))
        }
        if failures.isMultiple(of: 16 * nodes) || failures == nodes {
            logger.warning("no node of the Redis cluster answers", metadata: ["reason": "\(reason)"])
        }
    }

    func expire(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        release { $0.deadline <= now }
        return state.withLock { $0.waiting.lazy.map(\.deadline).min() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        release { _ in true }
    }

    private func release(_ isOver: (Waiting) -> Bool) {
        let waiters = state.withLock { state in
            if state.waiting.isEmpty { return [Waiting]() }
            let parting = state.waiting.partition(by: isOver)
            defer { state.waiting.removeSubrange(parting...) }
            return Array(state.waiting[parting...])
        }
        for waiter in waiters { waiter.continuation.resume() }
    }
}
