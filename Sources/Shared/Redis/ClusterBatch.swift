/// Commands on their way through a cluster: which go to which node next, and what the answers mean for each. A pure
/// state machine; one command is a batch of one.
struct ClusterBatch {
    /// Commands for one node that go out together, in the order in which they were given.
    struct Part: Equatable {
        let node: RedisNode
        /// The node serves their slots only in part yet: each is preceded by ASKING.
        let isAsking: Bool
        fileprivate(set) var indexes: [Int]
    }

    private enum Target {
        case owner
        case asking(RedisNode)
    }

    private struct Item {
        let route: CommandRoute
        var target = Target.owner
        var hops = 0
        var reply: RedisReply?
        /// It waits no more: `reply` is its answer.
        var isSettled = false
    }

    /// Enough for any number of slots that move at once; more means that nodes send each other's callers in circles.
    static let maxHops = 16

    private var items: [Item]
    /// Commands that never reached a node in their last attempt make the next one try another node, if any will do.
    private var detours = 0
    /// What the answers said about slots, to be told to the map.
    private(set) var moves: [(slot: Int, node: RedisNode)] = []
    /// The next attempt should not come at once.
    private(set) var mustPause = false
    /// The map seems to be out of date.
    private(set) var mustAsk = false

    /// Throws when the keys of one command lie in different slots.
    init(_ commands: [RedisCommand]) throws(RedisError) {
        items = []
        items.reserveCapacity(commands.count)
        for command in commands {
            let route = CommandRoute(command)
            if route == .differentSlots {
                throw .server(
                    "CROSSSLOT the keys of one \(command.name) lie in different slots of the cluster; "
                        + "give them the same {hash tag}")
            }
            items.append(Item(route: route))
        }
    }

    var isSettled: Bool { items.allSatisfy(\.isSettled) }
    var hasAnswers: Bool { items.contains(where: \.isSettled) }
    /// The answers; what is still open gives the last refusal, nil when there was none.
    var replies: [RedisReply?] { items.map(\.reply) }

    /// What to send now. What no node is known for is left out, and a new map asked for. Begins an attempt.
    mutating func parts(_ map: SlotMap) -> [Part] {
        (moves, mustPause, mustAsk) = ([], false, false)
        var parts: [Part] = []
        for index in items.indices where !items[index].isSettled {
            guard let (node, isAsking) = node(for: items[index], map) else {
                (mustPause, mustAsk) = (true, true)
                continue
            }
            if let known = parts.firstIndex(where: { $0.node == node && $0.isAsking == isAsking }) {
                parts[known].indexes.append(index)
            } else {
                parts.append(Part(node: node, isAsking: isAsking, indexes: [index]))
            }
        }
        return parts
    }

    private func node(for item: Item, _ map: SlotMap) -> (RedisNode, isAsking: Bool)? {
        if case .asking(let node) = item.target { return (node, true) }
        switch item.route {
        case .slot(let slot): return map.owner(of: slot).map { ($0, false) }
        case .anyNode(let slot):
            if detours == 0, let slot, let owner = map.owner(of: slot) { return (owner, false) }
            return map.masters.isEmpty ? nil : (map.masters[detours % map.masters.count], false)
        case .differentSlots: return nil
        }
    }

    /// The answers to a part, ASKING's own left out.
    mutating func take(_ replies: [RedisReply], for part: Part) {
        for (index, reply) in zip(part.indexes, replies) {
            let redirection = Redirection(reply, saidBy: part.node)
            items[index].reply = reply
            items[index].target = .owner
            switch redirection {
            case .answer: items[index].isSettled = true
            case .moved(let slot, let node):
                moves.append((slot, node))
                mustAsk = true
                hop(index)
            case .ask(let node):
                items[index].target = .asking(node)
                hop(index)
            case .later:
                (mustPause, mustAsk) = (true, true)
                items[index].hops = 0
            }
        }
    }

    private mutating func hop(_ index: Int) {
        items[index].hops += 1
        if items[index].hops > 3 { mustPause = true }
        if items[index].hops > Self.maxHops { items[index].isSettled = true }
    }

    /// The part never went out.
    mutating func handedBack(_ part: Part) {
        detours += 1
        (mustPause, mustAsk) = (true, true)
        for index in part.indexes { items[index].target = .owner }
    }
}
