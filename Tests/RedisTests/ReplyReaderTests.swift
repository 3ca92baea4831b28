import Testing

@testable import Redis

struct ReplyReaderTests {
    private func replies(_ chunks: [[UInt8]], maxReplyBytes: Int = 1 << 20) throws -> [RedisReply] {
        var reader = ReplyReader(maxReplyBytes: maxReplyBytes)
        var replies: [RedisReply] = []
        for chunk in chunks {
            try chunk.withUnsafeBytes { try reader.feed($0) }
            while let reply = try reader.next() { replies.append(reply) }
        }
        return replies
    }

    @Test func `every boundary between two reads gives the same replies`() throws {
        let scalars = "+OK\r\n:-42\r\n$5\r\nhe\r\nl\r\n$-1\r\n*-1\r\n"
        let bytes = Array((scalars + "*3\r\n:1\r\n$0\r\n\r\n*1\r\n+x\r\n-ERR no\r\n$1\r\n\u{0}\r\n").utf8)
        let expected: [RedisReply] = [
            .status("OK"), .integer(-42), .bytes(Array("he\r\nl".utf8)), .null, .null,
            .array([.integer(1), .bytes([]), .array([.status("x")])]), .error("ERR no"), .bytes([0]),
        ]
        #expect(try replies(bytes.map { [$0] }) == expected)
        for cut in 0...bytes.count {
            #expect(try replies([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected)
        }
    }

    @Test(arguments: ["HTTP/1.1 400\r\n", "*1\r\n?\r\n", ":12x\r\n", "$-2\r\n", "*9999999999\r\n"])
    func `what is not Redis' protocol is a violation that does not quote it`(text: String) throws {
        do {
            let understood = try replies([Array(text.utf8)])
            Issue.record("understood as \(understood)")
        } catch let error as RedisError {
            #expect(error.label == "protocolViolation")
            #expect(!error.description.contains("HTTP"))
        }
    }

    @Test func `a reply over the bound is a violation, many small ones are not`() throws {
        let small = Array(String(repeating: ":1\r\n", count: 20).utf8)
        #expect(try replies([small, small], maxReplyBytes: 100).count == 40)
        let part = Array("$1000000\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".utf8)
        #expect(throws: RedisError.self) { try replies([part, part, part], maxReplyBytes: 100) }
    }
}
