/// Which master of a cluster serves which slot, and which nodes there are besides.
struct SlotMap: Sendable, Equatable {
    /// Masters that serve slots; the number of one is its index here.
    private(set) var masters: [RedisNode] = []
    private(set) var replicas: [RedisNode] = []
    private var owners = [Int16](repeating: -1, count: KeySlot.count)

    /// Takes the reply to CLUSTER SLOTS (https://redis.io/docs/latest/commands/cluster-slots/) of `asked`.
    init(_ reply: RedisReply, saidBy asked: RedisNode) throws(RedisError) {
        guard let ranges = reply.array else { throw .protocolViolation("a strange CLUSTER SLOTS") }
        for range in ranges {
            guard let parts = range.array, parts.count >= 3, let first = parts[0].int, let last = parts[1].int,
                0 <= first, first <= last, last < KeySlot.count
            else { throw .protocolViolation("a strange CLUSTER SLOTS") }
            let nodes = parts[2...].compactMap { Self.node($0, saidBy: asked) }
            guard let master = Self.node(parts[2], saidBy: asked) else { continue }
            let number = number(of: master)
            for slot in first...last { owners[slot] = number }
            for replica in nodes.dropFirst() where !replicas.contains(replica) { replicas.append(replica) }
        }
    }

    /// nil when nobody serves the slot, as far as is known.
    func owner(of slot: Int) -> RedisNode? { owners[slot] < 0 ? nil : masters[Int(owners[slot])] }

    /// Every node, masters first.
    var members: [RedisNode] { masters + replicas }

    /// A node said that the slot is served by `node` now.
    mutating func move(_ slot: Int, to node: RedisNode) {
        let number = number(of: node)
        owners[slot] = number
    }

    private mutating func number(of master: RedisNode) -> Int16 {
        if let index = masters.firstIndex(of: master) { return Int16(index) }
        masters.append(master)
        return Int16(masters.count - 1)
    }

    private static func node(_ reply: RedisReply, saidBy asked: RedisNode) -> RedisNode? {
        guard let parts = reply.array, parts.count >= 2, let port = parts[1].int, (1...65_535).contains(port) else {
            return nil
        }
        // A node that knows no address of its own gives null or nothing: then it is the one that was asked.
        return RedisNode("\(parts[0].string ?? ""):\(port)", saidBy: asked)
    }
}
