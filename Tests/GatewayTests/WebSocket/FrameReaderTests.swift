import NIOCore
import NIOWebSocket
import Testing

@testable import APIGateway

@Suite struct FrameReaderTests {
    private static let key: WebSocketMaskingKey = [1, 2, 3, 4]

    private static func frame(
        _ opcode: WebSocketOpcode, _ bytes: [UInt8], fin: Bool = true, rsv: Bool = false, isMasked: Bool = true
    ) -> WebSocketFrame {
        var data = ByteBuffer(bytes: bytes)
        if isMasked { data.webSocketMask(key) }
        return WebSocketFrame(fin: fin, rsv2: rsv, opcode: opcode, maskKey: isMasked ? key : nil, data: data)
    }

    private func read(_ frames: [WebSocketFrame]) -> [FrameReader.Action] {
        var reader = FrameReader(maxMessageBytes: 10)
        return frames.map { reader.read($0) }
    }

    private static func isViolation(_ action: FrameReader.Action?) -> Bool {
        if case .fail(let reason) = action { reason.code == 1002 } else { false }
    }

    @Test func `a message in pieces is one message, and control frames may come between`() {
        let actions = read([
            Self.frame(.text, Array("ab".utf8), fin: false), Self.frame(.ping, [7]), Self.frame(.pong, []),
            Self.frame(.continuation, [], fin: false), Self.frame(.continuation, Array("c".utf8)),
            Self.frame(.binary, [0xFF]),
        ])
        #expect(
            actions == [
                .wait, .ping(ByteBuffer(bytes: [7])), .pong, .wait, .text(ByteBuffer(string: "abc")),
                .binary(ByteBuffer(bytes: [0xFF])),
            ])
    }

    @Test func `what breaks the protocol fails the socket`() {
        let violations: [[WebSocketFrame]] = [
            [Self.frame(.text, [], isMasked: false)], [Self.frame(.text, [], rsv: true)],
            [Self.frame(.continuation, [])], [Self.frame(.text, [], fin: false), Self.frame(.text, [])],
            [Self.frame(.text, [], fin: false), Self.frame(.binary, [])],
            [Self.frame(.ping, [], fin: false)], [Self.frame(.ping, [UInt8](repeating: 0, count: 126))],
            [Self.frame(WebSocketOpcode(encodedWebSocketOpcode: 3)!, [])],
            [Self.frame(WebSocketOpcode(encodedWebSocketOpcode: 11)!, [])],
            [Self.frame(.connectionClose, [3])],
        ]
        for frames in violations { #expect(Self.isViolation(read(frames).last), "\(frames)") }
    }

    @Test func `a message may be as large as the bound and no larger`() {
        let ten = [UInt8](repeating: 0x61, count: 10)
        #expect(read([Self.frame(.text, ten)]) == [.text(ByteBuffer(bytes: ten))])
        #expect(read([Self.frame(.text, ten + [0x61])]) == [.fail(.tooLarge)])
        #expect(read([Self.frame(.text, ten, fin: false), Self.frame(.continuation, [0x61])]).last == .fail(.tooLarge))
    }

    @Test func `text is UTF-8, also across frames, and is refused as soon as it cannot be`() {
        let euro: [UInt8] = [0xE2, 0x82, 0xAC]
        #expect(
            read([Self.frame(.text, [euro[0]], fin: false), Self.frame(.continuation, Array(euro[1...]))]).last
                == .text(ByteBuffer(bytes: euro)))
        #expect(read([Self.frame(.text, [euro[0]])]) == [.fail(.notUTF8)])
        #expect(read([Self.frame(.text, [0xED, 0xA0], fin: false)]) == [.fail(.notUTF8)])
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
    func `a close code that must not be sent breaks the protocol`(code: Int) {
        let bytes = [UInt8(code >> 8), UInt8(code & 255)]
        #expect(Self.isViolation(read([Self.frame(.connectionClose, bytes)]).first))
    }

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999])
    func `a close code is answered with itself`(code: Int) {
        let bytes = [UInt8(code >> 8), UInt8(code & 255)]
        #expect(read([Self.frame(.connectionClose, bytes + [0x61])]) == [.close(ByteBuffer(bytes: bytes))])
        #expect(read([Self.frame(.connectionClose, bytes + [0xFF])]) == [.fail(.notUTF8)])
    }

    @Test func `the check agrees with the standard library about every way to cut every kind of text`() {
        let leads: [UInt8] = [0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF]
        let bytes: [UInt8] = leads + [0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF, 0x8F, 0x90, 0x9F, 0xA0]
        for first in bytes {
            for second in bytes {
                for third in bytes {
                    for fourth in bytes {
                        let text = [first, second, third, fourth]
                        var check = UTF8Check()
                        // In two pieces, cut where the first byte says.
                        let cut = Int(first % 5)
                        let isValid = check.accepts(text[..<cut]) && check.accepts(text[cut...]) && check.isComplete
                        if isValid != (String(validating: text, as: UTF8.self) != nil) {
                            Issue.record("\(text)")
                        }
                    }
                }
            }
        }
    }
}
