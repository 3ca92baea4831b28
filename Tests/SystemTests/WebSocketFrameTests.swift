import Foundation
import TestSupport
import Testing

/// Frames of every kind, right and wrong, sent as bytes to a running gateway.
@Suite(.serialized) struct WebSocketFrameTests {
    private enum Expected {
        /// Closes with this code.
        case code(Int)
        /// Answers with an `error` message and stays open.
        case refusal
        /// Answers these pings in their order, and stays open.
        case pongs([[UInt8]])
    }

    private struct Case {
        var name: String
        var bytes: [UInt8]
        var expected: Expected

        init(_ name: String, _ expected: Expected, _ frames: [UInt8]...) {
            (self.name, self.expected, bytes) = (name, expected, frames.flatMap { $0 })
        }
    }

    private static func frame(
        _ opcode: UInt8, _ payload: [UInt8] = [], fin: Bool = true, rsv: UInt8 = 0, isMasked: Bool = true
    ) -> [UInt8] {
        SocketClient.frame(opcode, payload, fin: fin, rsv: rsv, isMasked: isMasked)
    }

    private static func close(_ code: Int, _ reason: [UInt8] = []) -> [UInt8] {
        frame(8, [UInt8(code >> 8), UInt8(code & 255)] + reason)
    }

    /// The text of a ping in two pieces, which the gateway answers by a `pong` message.
    private static let message = Array(#"{"type":"ping","id":"täst"}"#.utf8)
    private static let text: [UInt8] = Array("hello".utf8)
    private static let long = [UInt8](repeating: 0x20, count: 262_145)

    private static let reserved: [Case] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map {
        Case("reserved opcode \($0)", .code(1002), frame($0))
    }
    private static let reservedBits: [Case] = (1...7).flatMap { (bits: UInt8) -> [Case] in
        [1, 9].map { Case("reserved bits \(bits) of opcode \($0)", .code(1002), frame($0, text, rsv: bits)) }
    }
    private static let unmasked: [Case] = [1, 2, 8, 9, 10].map {
        Case("unmasked opcode \($0)", .code(1002), frame($0, [], isMasked: false))
    }
    private static let badCodes: [Case] = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65535].map {
        Case("close code \($0)", .code(1002), close($0))
    }
    private static let goodCodes: [Case] = [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4401, 4999,
    ].map { Case("close code \($0)", .code($0), close($0, text)) }

    private static let control: [Case] = [
        Case("ping without a payload", .pongs([[]]), frame(9)),
        Case(
            "ping of 125 bytes", .pongs([[UInt8](repeating: 0xFE, count: 125)]),
            frame(9, [UInt8](repeating: 0xFE, count: 125))),
        Case("ping of 126 bytes", .code(1002), frame(9, [UInt8](repeating: 1, count: 126))),
        Case("pong of 126 bytes", .code(1002), frame(10, [UInt8](repeating: 1, count: 126))),
        Case("close of 126 bytes", .code(1002), frame(8, [UInt8](repeating: 1, count: 126))),
        Case("ping in pieces", .code(1002), frame(9, text, fin: false)),
        Case("pong in pieces", .code(1002), frame(10, text, fin: false)),
        Case("close in pieces", .code(1002), frame(8, [], fin: false)),
        Case("ten pings at once", .pongs((0..<10).map { [$0] }), (0..<10).flatMap { frame(9, [$0]) }),
        Case("pong nobody asked for", .pongs([[5]]), frame(10, text), frame(9, [5])),
        Case("close without a code", .code(1005), frame(8)),
        Case("close of one byte", .code(1002), frame(8, [3])),
        Case("close whose reason is not UTF-8", .code(1007), close(1000, [0xCE, 0xBA, 0xE1, 0xBD])),
        Case("close whose reason is as long as may be", .code(1000), close(1000, [UInt8](repeating: 0x61, count: 123))),
        Case("what follows a close", .code(1000), close(1000), frame(9, text), frame(3)),
    ]

    private static let pieces: [Case] = [
        Case(
            "a message in two pieces", .pongs([]), frame(1, Array(message[..<22]), fin: false),
            frame(0, Array(message[22...]))),
        Case(
            "a character cut in two", .pongs([]), frame(1, Array(message[..<23]), fin: false),
            frame(0, Array(message[23...]))),
        Case(
            "a message byte by byte", .pongs([]), frame(1, [], fin: false),
            message.flatMap { frame(0, [$0], fin: false) }, frame(0)),
        Case(
            "a ping between two pieces", .pongs([[9]]), frame(1, Array(message[..<5]), fin: false), frame(9, [9]),
            frame(0, Array(message[5...]))),
        Case("continuation of nothing", .code(1002), frame(0, text)),
        Case("unfinished continuation of nothing", .code(1002), frame(0, text, fin: false)),
        Case("continuation after the end", .code(1002), frame(1, message), frame(0, text)),
        Case("a text within a text", .code(1002), frame(1, text, fin: false), frame(1, text)),
        Case("a binary within a text", .code(1002), frame(1, text, fin: false), frame(2, text)),
        Case("a close within a text", .code(1000), frame(1, text, fin: false), close(1000)),
    ]

    private static let contents: [Case] = [
        Case("binary", .code(1003), frame(2, text)),
        Case("binary in pieces", .code(1003), frame(2, text, fin: false), frame(0, text)),
        Case("an empty text", .refusal, frame(1)),
        Case("text that is no JSON", .refusal, frame(1, text)),
        Case("JSON that is no object", .refusal, frame(1, Array("[1,2]".utf8))),
        Case("JSON nested deeply", .refusal, frame(1, [UInt8](repeating: 0x5B, count: 100_000))),
        Case("a message of an unknown type", .refusal, frame(1, Array(#"{"type":"open"}"#.utf8))),
        Case("an id that is no text", .refusal, frame(1, Array(#"{"type":"ping","id":1}"#.utf8))),
        Case("an overlong character", .code(1007), frame(1, [0xC0, 0x80])),
        Case("half of a surrogate pair", .code(1007), frame(1, [0xED, 0xA0, 0x80])),
        Case("a character beyond the last one", .code(1007), frame(1, [0xF4, 0x90, 0x80, 0x80])),
        Case("a lone continuation byte", .code(1007), frame(1, [0x80])),
        Case("a character that does not end", .code(1007), frame(1, [0xE2, 0x82])),
        Case(
            "a character that does not go on in the next piece", .code(1007), frame(1, [0xE2, 0x82], fin: false),
            frame(0, [0x41])),
        Case("bad text in an unfinished piece", .code(1007), frame(1, [0xFF], fin: false)),
        Case("a frame one byte too long", .code(1009), frame(1, long)),
        Case(
            "a message one byte too long", .code(1009), frame(1, Array(long.dropLast()), fin: false), frame(0, [0x20])),
        Case(
            "the length of a frame nobody could send", .code(1009),
            [0x81, 0xFF] + [0x7F] + [UInt8](repeating: 255, count: 7) + [1, 2, 3, 4]),
        Case("a length with its highest bit set", .code(1009), [0x81, 0xFF] + [UInt8](repeating: 255, count: 8)),
    ]

    @Test func `every frame is answered as RFC 6455 wants it, and no other socket is the worse for it`() async throws {
        let cases =
            Self.reserved + Self.reservedBits + Self.unmasked + Self.badCodes + Self.goodCodes + Self.control
            + Self.pieces + Self.contents
        #expect(cases.count >= 60)
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let bystander = try await SocketClient.open(client.base, key: client.key)
            #expect(try await bystander.message().type == "welcome")
            for item in cases { try await Self.check(item, client) }
            bystander.send(#"{"type":"ping","id":"still"}"#)
            #expect(try await bystander.message().id == "still")
            print("frames: \(cases.count) cases")
        }
    }

    private static func check(_ item: Case, _ client: APIClient) async throws {
        let socket = try await SocketClient.open(client.base, key: client.key)
        #expect(try await socket.message().type == "welcome")
        socket.send(bytes: item.bytes)
        switch item.expected {
        case .code(let code): #expect(await socket.closeCode() == code, "\(item.name)")
        case .refusal:
            #expect(try await socket.message().type == "error", "\(item.name)")
            try await expectPongs([[42]], from: socket, sending: frame(9, [42]), item.name)
        case .pongs(let payloads):
            try await expectPongs(payloads + [[42]], from: socket, sending: frame(9, [42]), item.name)
        }
        if case .code = item.expected { #expect(await socket.next() == nil, "\(item.name): the connection stays open") }
        socket.cut()
    }

    private static func expectPongs(
        _ payloads: [[UInt8]], from socket: SocketClient, sending last: [UInt8], _ name: String
    ) async throws {
        socket.send(bytes: last)
        var found: [[UInt8]] = []
        while found.count < payloads.count, let frame = await socket.next(), frame.opcode != 8 {
            if frame.opcode == 10 { found.append(frame.payload) }
        }
        #expect(found == payloads, "\(name)")
    }

    @Test func `a handshake that is none is refused with a problem`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["WS_AUTHENTICATE_SECONDS": "1"])
            let bearer = ["Authorization": "Bearer \(client.key)"]
            let own = client.base
            let cases: [(name: String, headers: [String: String], without: Set<String>, method: String, status: Int)] =
                [
                    ("right", bearer, [], "GET", 101),
                    (
                        "tokens in lists and other cases",
                        bearer.merging([
                            "Connection": "keep-alive, UPGRADE", "Upgrade": "h2c, WebSocket",
                        ]) { $1 }, [], "GET", 101
                    ),
                    ("own origin", bearer.merging(["Origin": own]) { $1 }, [], "GET", 101),
                    ("no credential yet", [:], [], "GET", 101),
                    ("no upgrade", bearer, ["Upgrade"], "GET", 426),
                    ("no connection", bearer, ["Connection"], "GET", 426),
                    ("another protocol", bearer.merging(["Upgrade": "h2c"]) { $1 }, [], "GET", 426),
                    ("no version", bearer, ["Sec-WebSocket-Version"], "GET", 426),
                    ("old version", bearer.merging(["Sec-WebSocket-Version": "8"]) { $1 }, [], "GET", 426),
                    ("no key", bearer, ["Sec-WebSocket-Key"], "GET", 400),
                    ("short key", bearer.merging(["Sec-WebSocket-Key": "AAAA"]) { $1 }, [], "GET", 400),
                    ("key that is no Base64", bearer.merging(["Sec-WebSocket-Key": "?!"]) { $1 }, [], "GET", 400),
                    ("HEAD", bearer, [], "HEAD", 426),
                    ("a body", bearer.merging(["Content-Length": "5"]) { $1 }, [], "GET", 400),
                    ("wrong key", ["Authorization": "Bearer wrong-key-0123456789"], [], "GET", 401),
                    ("no bearer", ["Authorization": "Basic eDp5"], [], "GET", 401),
                    ("foreign origin", bearer.merging(["Origin": "https://evil.example"]) { $1 }, [], "GET", 403),
                    ("foreign origin without a credential", ["Origin": "https://evil.example"], [], "GET", 403),
                    ("no page at all", bearer.merging(["Origin": "null"]) { $1 }, [], "GET", 403),
                    ("cookie without an origin", ["Cookie": "a=b; __Host-errand-session=est_x"], [], "GET", 403),
                    (
                        "cookie that is unknown",
                        [
                            "Cookie": "a=b; __Host-errand-session=est_x", "Origin": own,
                        ], [], "GET", 401
                    ),
                ]
            for item in cases {
                let early = item.headers["Content-Length"] == nil ? [] : Array("hello".utf8)
                let socket = try await SocketClient.connect(
                    client.base, headers: item.headers, without: item.without, method: item.method, early: early)
                #expect(socket.status == item.status, "\(item.name): \(socket.head)")
                if item.status == 101 {
                    #expect(socket.head.lowercased().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
                    #expect(socket.head.lowercased().contains("x-request-id: "))
                    #expect(!socket.head.lowercased().contains("content-length"))
                    #expect(!socket.head.lowercased().contains("transfer-encoding"))
                } else {
                    #expect(socket.head.contains("application/problem+json"), "\(item.name): \(socket.head)")
                }
            }
            let offering = bearer.merging(["Sec-WebSocket-Protocol": "soap, errand.v1"]) { $1 }
            #expect(
                try await SocketClient.connect(own, headers: offering).head.contains(
                    "Sec-WebSocket-Protocol: errand.v1\r\n"))
            let other = bearer.merging(["Sec-WebSocket-Protocol": "soap"]) { $1 }
            #expect(try await !SocketClient.connect(own, headers: other).head.contains("Sec-WebSocket-Protocol"))
        }
    }
}
