import Testing

@testable import Redis

struct KeySlotTests {
    @Test func `the checksum is CRC-16/XMODEM`() {
        #expect(KeySlot.crc16("123456789".utf8) == 0x31C3)
        #expect(KeySlot.crc16([]) == 0)
    }

    @Test(arguments: [
        ("foo", "foo"), ("{foo}bar", "foo"), ("bar{foo}", "foo"), ("a{foo}{bar}", "foo"), ("a{{foo}}b", "{foo"),
        ("a}{foo}", "foo"),
    ])
    func `only the hash tag counts`(key: String, tag: String) {
        #expect(KeySlot.of(key.utf8) == Int(KeySlot.crc16(tag.utf8)) % 16_384)
    }

    @Test(arguments: ["foo{}{bar}", "{", "}", "{}", "a{b", "a}b{"])
    func `an empty or open tag is none`(key: String) {
        #expect(KeySlot.of(key.utf8) == Int(KeySlot.crc16(key.utf8)) % 16_384)
    }

    private static func route(_ words: [RedisWord]) -> CommandRoute { CommandRoute(RedisCommand(words)) }
    private static func slot(_ key: String) -> CommandRoute { .slot(KeySlot.of(key.utf8)) }

    @Test func `the commands of a queue go to the node of their keys`() {
        #expect(Self.route(["EVALSHA", "digest", 2, "{q}a", "{q}b", "other"]) == Self.slot("q"))
        #expect(Self.route(["EVAL", "return 1", 0, "other"]) == .anyNode(preferredSlot: nil))
        #expect(Self.route(["eval", "return 1", 1, "k"]) == Self.slot("k"))
        #expect(Self.route(["BLMOVE", "{q}a", "{q}b", "RIGHT", "LEFT", 5]) == Self.slot("q"))
        #expect(Self.route(["BLPOP", "{q}a", "{q}b", 5]) == Self.slot("q"))
        #expect(Self.route(["XRANGE", "events", "-", "+", "COUNT", 5]) == Self.slot("events"))
        #expect(Self.route(["LLEN", "list"]) == Self.slot("list"))
        #expect(Self.route(["PING"]) == .anyNode(preferredSlot: nil))
        #expect(Self.route(["SCRIPT", "FLUSH"]) == .anyNode(preferredSlot: nil))
        #expect(Self.route(["PUBLISH", "c", "text"]) == .anyNode(preferredSlot: KeySlot.of("c".utf8)))
        #expect(Self.route(["SET", RedisWord([0, 255, 13, 10]), 1]) == .slot(KeySlot.of([0, 255, 13, 10])))
    }

    @Test func `keys in different slots belong to no node`() {
        #expect(Self.route(["EVALSHA", "digest", 2, "a", "b"]) == .differentSlots)
        #expect(Self.route(["DEL", "a", "b"]) == .differentSlots)
        #expect(Self.route(["BLMOVE", "a", "b", "RIGHT", "LEFT", 5]) == .differentSlots)
        #expect(Self.route(["MSET", "a", 1, "b", 2]) == .differentSlots)
    }

    @Test(arguments: [
        ["EVAL", "x", "99999999999"], ["EVAL", "x", "-1", "k"], ["EVAL", "x", "text"], ["EVAL"], ["BLPOP"], ["MSET"],
        ["XREAD", "STREAMS"], ["XREAD"], ["OBJECT"], ["ZUNIONSTORE"], ["LMOVE"], ["PUBLISH"], ["GET"], [""],
    ])
    func `a malformed command goes to some node, which says what is wrong`(words: [String]) {
        _ = Self.route(words.map { RedisWord($0) })
    }
}

extension LiveTests {
    struct KeyRuleTests {
        /// Redis' own opinion of which words are keys.
        @Test(arguments: [
            "GET a", "SET a b EX 5", "LPUSH a b c", "LRANGE a 0 -1", "HSET a f v", "ZADD a 1 m", "XADD a * f v",
            "DEL a b c", "UNLINK a b", "EXISTS a b", "MGET a b", "MSET a 1 b 2", "MSETNX a 1 b 2", "SINTER a b",
            "SUNIONSTORE d a b", "RENAME a b", "LMOVE a b LEFT RIGHT", "BLMOVE a b LEFT RIGHT 0", "BLPOP a b 0",
            "BRPOPLPUSH a b 0", "BZPOPMIN a b 0", "LMPOP 2 a b LEFT", "BLMPOP 0 2 a b LEFT", "ZUNION 2 a b",
            "ZUNIONSTORE d 2 a b", "SINTERCARD 2 a b LIMIT 1", "EVAL x 2 a b c", "EVALSHA x 1 a b", "FCALL f 1 a b",
            "XREAD COUNT 2 STREAMS a b 0 0", "XREADGROUP GROUP g c STREAMS a b > >", "XGROUP CREATE a g 0",
            "XINFO STREAM a", "XACK a g 1-1", "OBJECT ENCODING a", "BITOP AND d a b", "PFMERGE a b", "COPY a b",
            "SMOVE a b m", "ZRANGESTORE a b 0 1", "GEOSEARCHSTORE a b FROMMEMBER m BYRADIUS 1 m", "TOUCH a b",
            "SMISMEMBER a m n", "EXPIRE a 5", "MEMORY USAGE a", "INCRBY a 5", "GETDEL a", "SORT_RO a", "LCS a b",
        ])
        func `keys are found where Redis finds them`(line: String) async throws {
            let words = line.split(separator: " ").map { RedisWord($0) }
            let reply = try await TestRedis.client().send(RedisCommand(["COMMAND", "GETKEYS"] + words))
            let keys = try #require(reply.array).map(\.bytes)
            let encoded = EncodedWords(RedisCommand(words).encoded)
            let rule = KeyRule.rules[String(line.prefix { $0 != " " })] ?? .only(1)
            #expect(rule.keyIndexes(encoded).map { Array(encoded[$0]) } == keys)
        }
    }
}
