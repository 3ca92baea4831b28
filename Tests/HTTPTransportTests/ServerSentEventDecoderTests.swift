import HTTPTransport
import Testing

struct ServerSentEventDecoderTests {
    struct Corpus: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let events: [ServerSentEvent]

        init(_ name: String, _ text: String, _ events: [ServerSentEvent]) {
            self.init(name, bytes: Array(text.utf8), events)
        }

        init(_ name: String, bytes: [UInt8], _ events: [ServerSentEvent]) {
            (testDescription, self.bytes, self.events) = (name, bytes, events)
        }
    }

    static let corpora = [
        Corpus("one event", "data: a\n\n", [.init(data: "a")]),
        Corpus("carriage returns", "data: a\rdata: b\r\rdata: c\r\r", [.init(data: "a\nb"), .init(data: "c")]),
        Corpus(
            "CRLF", "event: x\r\ndata: a\r\n\r\nevent: y\r\ndata: b\r\n\r\n",
            [.init(event: "x", data: "a"), .init(event: "y", data: "b")]),
        Corpus("mixed line ends", "data: a\r\ndata: b\n\r\ndata: c\r\n\n", [.init(data: "a\nb"), .init(data: "c")]),
        Corpus("byte order mark", "\u{feff}data: a\n\n", [.init(data: "a")]),
        Corpus("second byte order mark", "\u{feff}\u{feff}data: a\n\ndata: b\n\n", [.init(data: "b")]),
        Corpus("later byte order mark", "data: a\n\n\u{feff}data: b\n\n", [.init(data: "a")]),
        Corpus("comments", ": hello\n:\n\n:x\ndata: a\n: b\ndata: c\n\n", [.init(data: "a\nc")]),
        Corpus(
            "one space only", "data:a\n\ndata:  a\n\ndata:\ta\n\n",
            [
                .init(data: "a"), .init(data: " a"), .init(data: "\ta"),
            ]),
        Corpus(
            "empty data", "data\n\ndata:\n\ndata\ndata\n\n",
            [
                .init(data: ""), .init(data: ""), .init(data: "\n"),
            ]),
        Corpus("no data, no event", "event: x\nid: 7\n\ndata: a\n\n", [.init(data: "a", id: "7")]),
        Corpus(
            "ids last", "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
            [
                .init(data: "a", id: "1"), .init(data: "b", id: "1"), .init(data: "c"),
            ]),
        Corpus(
            "id with NUL", "id: 1\ndata: a\n\nid: 2\u{0}\ndata: b\n\n",
            [
                .init(data: "a", id: "1"), .init(data: "b", id: "1"),
            ]),
        Corpus(
            "retry", "retry: 1500\ndata: a\n\nretry: 1x\ndata: b\n\nretry:\nretry: -1\nretry: +1\ndata: c\n\n",
            [
                .init(data: "a", retry: 1500), .init(data: "b"), .init(data: "c"),
            ]),
        Corpus("retry beyond reach", "retry: 99999999999999999999\ndata: a\n\n", [.init(data: "a")]),
        Corpus("unknown and case", "Data: no\nfoo: bar\ndatax: no\ndata : no\ndata: yes\n\n", [.init(data: "yes")]),
        Corpus("incomplete event", "data: a\n\nid: 9\ndata: lost\n", [.init(data: "a")]),
        Corpus("incomplete line", "data: a\n\ndata: los", [.init(data: "a")]),
        Corpus("colons in the value", "data: a:b: c\n\n", [.init(data: "a:b: c")]),
        Corpus(
            "characters of several bytes", "data: Grüße 👋🏽\ndata: 日本\n\n", [.init(data: "Grüße 👋🏽\n日本")]),
        Corpus(
            "last event field wins", "event: a\nevent: b\ndata: x\n\ndata: y\n\n",
            [
                .init(event: "b", data: "x"), .init(data: "y"),
            ]),
        Corpus(
            "invalid UTF-8", bytes: Array("data: a".utf8) + [0xff, 0xe2, 0x82] + Array("b\n\n".utf8),
            [.init(data: "a\u{fffd}\u{fffd}b")]),
        Corpus(
            "OpenAI", "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n",
            [.init(data: "{\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}"), .init(data: "[DONE]")]),
        Corpus("nothing", "", []),
    ]

    static func decode(_ chunks: [[UInt8]]) throws -> [ServerSentEvent] {
        var decoder = ServerSentEventDecoder()
        var events: [ServerSentEvent] = []
        for chunk in chunks { events += try decoder.feed(chunk) }
        decoder.finish()
        return events
    }

    @Test(arguments: corpora)
    func `a stream decodes alike whole, byte by byte and cut anywhere in two or three`(corpus: Corpus) throws {
        let bytes = corpus.bytes
        #expect(try Self.decode([bytes]) == corpus.events)
        #expect(try Self.decode(bytes.map { [$0] }) == corpus.events)
        for first in 0...bytes.count {
            #expect(try Self.decode([Array(bytes[..<first]), Array(bytes[first...])]) == corpus.events)
            for second in first...bytes.count {
                let chunks = [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])]
                #expect(try Self.decode(chunks) == corpus.events)
            }
        }
    }

    @Test func `all corpora in one stream decode alike for every cut in two`() throws {
        // Each is closed by a blank line and carries no byte order mark, so that they can follow one another.
        let parts = Self.corpora.filter { $0.testDescription.hasPrefix("c") || $0.testDescription == "OpenAI" }
        let bytes = parts.flatMap(\.bytes)
        let events = parts.flatMap(\.events)
        for cut in 0...bytes.count {
            #expect(try Self.decode([Array(bytes[..<cut]), Array(bytes[cut...])]) == events)
        }
    }

    @Test(arguments: [
        "data: 0123456789\n\n", "data: 0123\ndata: 4567\ndata: 89\n\n", ": 0123456789012345", "data: 012345678901",
    ])
    func `an event above the bound is an error at every cut`(text: String) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var decoder = ServerSentEventDecoder(maxEventBytes: 15)
            #expect(throws: HTTPTransportError.eventTooLarge(limitBytes: 15)) {
                _ = try decoder.feed(Array(bytes[..<cut]))
                _ = try decoder.feed(Array(bytes[cut...]))
            }
            #expect(throws: HTTPTransportError.eventTooLarge(limitBytes: 15)) { _ = try decoder.feed([]) }
        }
    }

    @Test func `an event at the bound passes`() throws {
        var decoder = ServerSentEventDecoder(maxEventBytes: 15)
        let events = try decoder.feed(Array("data: 012345678\n\n".utf8))
        #expect(events == [.init(data: "012345678")])
    }

    @Test func `the decoder remembers the id and the reconnection time, and says what it discarded`() throws {
        var decoder = ServerSentEventDecoder()
        _ = try decoder.feed(Array("id: 4-2\nretry: 250\n\nid: 5\ndata: x\n".utf8))
        #expect(decoder.lastEventID == "4-2")
        #expect(decoder.reconnectionMilliseconds == 250)
        let discarded = decoder.finish()
        let discardedAgain = decoder.finish()
        #expect(discarded)
        #expect(!discardedAgain)
        #expect(decoder.lastEventID == "4-2")
    }
}
