import Testing

@testable import Redis

/// The way of commands through a cluster, without one.
struct ClusterBatchTests {
    private static let (a, b, c) = (
        RedisNode(host: "a", port: 1), RedisNode(host: "b", port: 2), RedisNode(host: "c", port: 3)
    )
    /// `a` serves the lower half of the slots, `b` the upper.
    private static let map = {
        func range(_ slots: ClosedRange<Int>, _ node: RedisNode) -> RedisReply {
            .array([
                .integer(slots.lowerBound), .integer(slots.upperBound),
                .array([.bytes(Array(node.host.utf8)), .integer(node.port)]),
            ])
        }
        return try! SlotMap(.array([range(0...8_191, a), range(8_192...16_383, b)]), saidBy: a)
    }()
    /// Slots 5061 and 12182.
    private static let (low, high) = (RedisCommand(["GET", "bar"]), RedisCommand(["GET", "foo"]))

    private func parts(_ batch: inout ClusterBatch) -> [ClusterBatch.Part] { batch.parts(Self.map) }

    @Test func `commands go to their nodes in one part each, answers come back in order`() throws {
        var batch = try ClusterBatch([Self.high, Self.low, Self.high, Self.low])
        let parts = parts(&batch)
        #expect(parts.map(\.node) == [Self.b, Self.a] && parts.map(\.indexes) == [[0, 2], [1, 3]])
        batch.take([.integer(0), .integer(2)], for: parts[0])
        #expect(!batch.isSettled && batch.hasAnswers)
        batch.take([.integer(1), .integer(3)], for: parts[1])
        #expect(batch.isSettled && batch.replies == (0..<4).map { .integer($0) })
    }

    @Test func `MOVED is told to the map, and the command sent again at once`() throws {
        var batch = try ClusterBatch([Self.low])
        batch.take([.error("MOVED 5061 c:3")], for: parts(&batch)[0])
        #expect(!batch.isSettled && batch.mustAsk && !batch.mustPause)
        #expect(batch.moves.map(\.slot) == [5_061] && batch.moves.map(\.node) == [Self.c])
        var map = Self.map
        map.move(5_061, to: Self.c)
        #expect(batch.parts(map).map(\.node) == [Self.c])
        #expect(batch.moves.isEmpty)
    }

    @Test func `ASK goes to that node once, with ASKING, and the map stays`() throws {
        var batch = try ClusterBatch([Self.low, Self.low])
        batch.take([.integer(1), .error("ASK 5061 c:3")], for: parts(&batch)[0])
        let asking = parts(&batch)
        #expect(asking.count == 1 && asking[0].node == Self.c && asking[0].isAsking && asking[0].indexes == [1])
        #expect(batch.moves.isEmpty)
        batch.take([.error("TRYAGAIN x")], for: asking[0])
        #expect(batch.mustPause)
        let again = parts(&batch)
        #expect(again.map(\.node) == [Self.a] && !again[0].isAsking)
    }

    @Test func `nodes that send callers in circles are given up after so many hops`() throws {
        var batch = try ClusterBatch([Self.low])
        var rounds = 0
        while !batch.isSettled {
            rounds += 1
            batch.take([.error("ASK 5061 c:3")], for: parts(&batch)[0])
        }
        #expect(rounds == ClusterBatch.maxHops + 1)
        #expect(batch.replies == [.error("ASK 5061 c:3")])
    }

    @Test(arguments: ["TRYAGAIN x", "CLUSTERDOWN x", "LOADING x", "UNBLOCKED x"])
    func `a node that cannot now is asked again after a pause`(message: String) throws {
        var batch = try ClusterBatch([Self.low])
        batch.take([.error(message)], for: parts(&batch)[0])
        #expect(!batch.isSettled && batch.mustPause)
        #expect(batch.replies == [.error(message)])
    }

    @Test(arguments: [
        "WRONGTYPE x", "ERR x", "NOSCRIPT x", "MOVED", "MOVED 5 x", "MOVED 16384 c:3", "MOVED x c:3", "ASK 1",
    ])
    func `every other error is the command's answer`(message: String) throws {
        var batch = try ClusterBatch([Self.low])
        batch.take([.error(message)], for: parts(&batch)[0])
        #expect(batch.isSettled && batch.replies == [.error(message)])
    }

    @Test func `a command for any node tries another one when one cannot be reached, one with a key does not`() throws {
        var batch = try ClusterBatch([RedisCommand(["PING"]), Self.low])
        let first = parts(&batch)
        #expect(first.map(\.node) == [Self.a])
        batch.handedBack(first[0])
        #expect(batch.mustPause && batch.mustAsk)
        #expect(parts(&batch).map(\.node) == [Self.b, Self.a])
    }

    @Test func `messages of one channel go to one node`() throws {
        var batch = try ClusterBatch([RedisCommand(["PUBLISH", "foo", 1]), RedisCommand(["PUBLISH", "foo", 2])])
        #expect(parts(&batch).map(\.node) == [Self.b])
    }

    @Test func `a slot nobody serves waits for a new map`() throws {
        var batch = try ClusterBatch([Self.low])
        let reply = RedisReply.array([
            .array([.integer(0), .integer(0), .array([.bytes(Array("a".utf8)), .integer(1)])])
        ])
        #expect(batch.parts(try SlotMap(reply, saidBy: Self.a)).isEmpty)
        #expect(batch.mustPause && batch.mustAsk && batch.replies == [nil])
    }

    @Test func `keys in different slots are refused before anything is sent`() {
        let error = #expect(throws: RedisError.self) { try ClusterBatch([RedisCommand(["DEL", "foo", "bar"])]) }
        #expect(error?.serverCode == "CROSSSLOT")
    }

    @Test func `an address without a host is on the host that said it, IPv6 has its colons`() {
        func target(_ text: String) -> Redirection { Redirection(.error(text), saidBy: Self.a) }
        #expect(target("MOVED 1 :7") == .moved(slot: 1, to: RedisNode(host: "a", port: 7)))
        #expect(target("ASK 1 ?:7") == .ask(RedisNode(host: "a", port: 7)))
        #expect(target("ASK 1 ::1:7") == .ask(RedisNode(host: "::1", port: 7)))
    }
}
