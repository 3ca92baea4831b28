import Testing

@testable import Redis

struct SlotMapTests {
    private static let asked = RedisNode(host: "asked", port: 1)

    private static func node(_ host: RedisReply, _ port: Int) -> RedisReply {
        .array([host, .integer(port), .bytes(Array("id".utf8)), .array([])])
    }

    private static func range(_ first: Int, _ last: Int, _ nodes: [RedisReply]) -> RedisReply {
        .array([.integer(first), .integer(last)] + nodes)
    }

    private static func text(_ text: String) -> RedisReply { .bytes(Array(text.utf8)) }

    @Test func `each slot has the first node of its range as owner, the others are replicas`() throws {
        let map = try SlotMap(
            .array([
                Self.range(0, 99, [Self.node(Self.text("a"), 1), Self.node(Self.text("r"), 9)]),
                Self.range(100, 199, [Self.node(Self.text("b"), 2)]),
                Self.range(300, 16_383, [Self.node(Self.text("a"), 1)]),
            ]), saidBy: Self.asked)
        #expect(map.owner(of: 0)?.description == "a:1" && map.owner(of: 99)?.description == "a:1")
        #expect(map.owner(of: 100)?.description == "b:2" && map.owner(of: 16_383)?.description == "a:1")
        #expect(map.owner(of: 200) == nil)
        #expect(map.masters.map(\.description) == ["a:1", "b:2"] && map.replicas.map(\.description) == ["r:9"])
    }

    @Test(arguments: [RedisReply.null, .bytes([]), .bytes(Array("?".utf8))])
    func `a node without an address is the one that was asked`(host: RedisReply) throws {
        let map = try SlotMap(.array([Self.range(0, 1, [Self.node(host, 7)])]), saidBy: Self.asked)
        #expect(map.owner(of: 0) == RedisNode(host: "asked", port: 7))
    }

    @Test func `a slot that moves brings its new owner with it`() throws {
        var map = try SlotMap(.array([Self.range(0, 9, [Self.node(Self.text("a"), 1)])]), saidBy: Self.asked)
        map.move(5, to: RedisNode(host: "b", port: 2))
        #expect(map.owner(of: 5)?.description == "b:2" && map.owner(of: 4)?.description == "a:1")
        #expect(map.members.count == 2)
    }

    @Test(arguments: [
        RedisReply.null, .status("OK"), .array([.integer(1)]), .array([range(5, 4, [node(text("a"), 1)])]),
        .array([range(0, 16_384, [node(text("a"), 1)])]), .array([range(-1, 2, [node(text("a"), 1)])]),
    ])
    func `what is no map is refused`(reply: RedisReply) {
        #expect(throws: RedisError.self) { try SlotMap(reply, saidBy: Self.asked) }
    }

    @Test func `a node that missed a failover is not believed, a cluster made anew is`() throws {
        let old = try SlotMap(.array([Self.range(0, 9, [Self.node(Self.text("a"), 1)])]), saidBy: Self.asked)
        let new = try SlotMap(.array([Self.range(0, 9, [Self.node(Self.text("b"), 2)])]), saidBy: Self.asked)
        var belief = ClusterBelief()
        #expect({ belief.learn(old, epoch: 3) }())
        #expect({ belief.learn(new, epoch: 4) }())
        #expect(!{ belief.learn(old, epoch: 3) }())
        #expect(belief.map == new)
        for _ in 0..<20 { _ = belief.learn(old, epoch: 3) }
        #expect(belief.map == old)
    }
}

struct MasterBeliefTests {
    private let old = RedisNode(host: "old", port: 1)
    private let new = RedisNode(host: "new", port: 2)

    @Test func `the higher epoch wins, whoever speaks last`() {
        var belief = MasterBelief()
        #expect({ belief.learn(old, epoch: 1) }())
        #expect({ belief.learn(new, epoch: 2) }())
        #expect(!{ belief.learn(old, epoch: 1) }())
        #expect(belief.node == new)
        #expect(!{ belief.learn(old, epoch: 2) }())
        #expect({ belief.learn(new, epoch: 2) }())
        #expect(belief.node == new)
    }

    @Test func `a master that failed is forgotten with its epoch, another's failure changes nothing`() {
        var belief = MasterBelief()
        _ = belief.learn(new, epoch: 7)
        belief.doubt(old)
        #expect(belief.node == new)
        belief.doubt(new)
        #expect(belief.node == nil)
        #expect({ belief.learn(old, epoch: 0) }())
        #expect(belief.node == old)
    }
}
