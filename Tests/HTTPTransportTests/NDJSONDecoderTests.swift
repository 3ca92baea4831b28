import HTTPTransport
import Testing

struct NDJSONDecoderTests {
    static func decode(_ chunks: [[UInt8]]) throws -> (lines: [String], rest: String?) {
        var decoder = NDJSONDecoder()
        var lines: [String] = []
        for chunk in chunks { lines += try decoder.feed(chunk).map { String(decoding: $0, as: UTF8.self) } }
        return (lines, decoder.finish().map { String(decoding: $0, as: UTF8.self) })
    }

    @Test(
        arguments: [
            ("{\"a\":1}\n{\"b\":2}\n", ["{\"a\":1}", "{\"b\":2}"], nil),
            ("{\"a\":1}\r\n\r\n\n{\"b\":\"ü👋🏽\"}\r\n", ["{\"a\":1}", "{\"b\":\"ü👋🏽\"}"], nil),
            ("{\"a\":1}\n{\"b\":2}", ["{\"a\":1}"], "{\"b\":2}"),
            ("{\"a\":\r1}\n{\"b\":2}\r", ["{\"a\":\r1}"], "{\"b\":2}"),
            ("", [], nil),
        ] as [(String, [String], String?)])
    func `lines come out alike whole, byte by byte and cut anywhere`(text: String, lines: [String], rest: String?)
        throws
    {
        let bytes = Array(text.utf8)
        var cuts = [[bytes], bytes.map { [$0] }]
        cuts += (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] }
        for chunks in cuts {
            let found = try Self.decode(chunks)
            #expect(found.lines == lines)
            #expect(found.rest == rest)
        }
    }

    @Test func `a line above the bound is an error at every cut`() throws {
        let bytes = Array("0123\n012345\n".utf8)
        for cut in 0...bytes.count {
            var decoder = NDJSONDecoder(maxLineBytes: 5)
            #expect(throws: HTTPTransportError.eventTooLarge(limitBytes: 5)) {
                _ = try decoder.feed(Array(bytes[..<cut]))
                _ = try decoder.feed(Array(bytes[cut...]))
            }
            #expect(throws: HTTPTransportError.eventTooLarge(limitBytes: 5)) { _ = try decoder.feed([]) }
        }
    }
}
