import Logging
import Synchronization

/// Knows the master of a name from its sentinels: asks them twice a second, and at once when a link asks.
final class MasterWatch: Watch {
    private struct State {
        var belief = MasterBelief()
        var questions: UInt64 = 0
        var answered: UInt64 = 0
        /// Why the sentinels asked last could not answer, the latest at the end; one for each at most.
        var failures: [String] = []
        var bell: Wakeup?
    }

    let thread = ConnectionThread(name: "redis-sentinel")
    private let name: String
    private let sentinels: [RedisEndpoint]
    private let configuration: RedisConfiguration
    private let logger: Logger
    private let state = Mutex(State())

    init(name: String, sentinels: [RedisEndpoint], configuration: RedisConfiguration, logger: Logger) {
        self.name = name
        self.sentinels = sentinels
        self.configuration = configuration
        self.logger = logger
    }

    func start() {
        _ = thread.start { [self] in
            WatchLink.run(self, thread: thread, configuration: configuration, logger: logger) { [sentinels] in
                sentinels
            }
        }
    }

    /// https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sentinel-commands: the first names the
    /// new master as soon as it is chosen, the second has the epoch.
    var inquiry: [RedisCommand] {
        [
            RedisCommand(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", RedisWord(name)]),
            RedisCommand(["SENTINEL", "MASTER", RedisWord(name)]),
        ]
    }

    var questions: UInt64 { state.withLock { $0.questions } }

    func ask() -> UInt64 {
        defer { thread.wakeup.ring() }
        return state.withLock { state in
            state.questions += 1
            return state.questions
        }
    }

    func learn(_ replies: [RedisReply], from node: RedisNode, question: UInt64) -> Bool {
        guard let said = Self.answer(replies, from: node) else {
            couldNotAsk("the sentinel at \(node) knows no master of this name")
            return false
        }
        let (isBelieved, bell) = state.withLock { state in
            let isBelieved = state.belief.learn(said.master, epoch: said.epoch)
            if isBelieved { (state.answered, state.failures) = (max(state.answered, question), []) }
            return (isBelieved, state.bell)
        }
        bell?.ring()
        return isBelieved
    }

    private static func answer(_ replies: [RedisReply], from node: RedisNode) -> (master: RedisNode, epoch: Int)? {
        guard replies.count == 2, let address = replies[0].array, address.count == 2, let host = address[0].string,
            let port = address[1].int, let fields = replies[1].array,
            let label = stride(from: 0, to: fields.count - 1, by: 2).first(where: {
                fields[$0].string == "config-epoch"
            }), let epoch = fields[label + 1].int
        else { return nil }
        return RedisNode("\(host):\(port)", saidBy: node).map { ($0, epoch) }
    }

    func couldNotAsk(_ reason: String) {
        let bell = state.withLock { state in
            state.failures.removeAll { $0 == reason }
            state.failures.append(reason)
            if state.failures.count > sentinels.count { state.failures.removeFirst() }
            return state.bell
        }
        bell?.ring()
    }

    func expire(now: ContinuousClock.Instant) -> ContinuousClock.Instant? { nil }
    func close() {}

    func attach(_ bell: Wakeup) { state.withLock { $0.bell = bell } }
    func doubt(_ node: RedisNode) { state.withLock { $0.belief.doubt(node) } }

    var master: RedisNode? { state.withLock { $0.belief.node } }

    /// The master as of after the question; nil and the last reason while that is not known.
    func answer(to question: UInt64) -> (master: RedisNode?, reason: String?) {
        state.withLock { state in
            if state.answered >= question, let master = state.belief.node { return (master, nil) }
            // While a sentinel may still know it, what the others lack is no reason yet.
            if state.failures.count < sentinels.count { return (nil, nil) }
            return (nil, "no sentinel knows \(name): \(state.failures.joined(separator: "; "))")
        }
    }
}
