import Domain
import Foundation
import Testing

@Suite struct JSONWriterTests {
    @Test func `whatever text goes in comes out of a JSON parser`() throws {
        let texts = [
            "", "plain", "quote \" back \\ slash /", "line\nbreak\rtab\t", "\u{0}\u{1}\u{8}\u{b}\u{c}\u{1f}\u{7f}",
            "ümläut",
            "日本語", "👩‍👩‍👧 🏳️‍🌈", "\u{2028}\u{2029}", "</script>", String(repeating: "\"", count: 1000),
        ]
        for text in texts {
            var writer = JSONWriter()
            writer.object { $0.field("t", text) }
            let back = try JSONDecoder().decode([String: String].self, from: Data(writer.bytes))
            #expect(back["t"] == text)
        }
    }

    @Test func `commas stand between values and nowhere else`() {
        var writer = JSONWriter()
        writer.object { object in
            object.field("a", 1)
            object.key("b")
            object.array { array in
                array.int(1)
                array.object { _ in }
                array.array { _ in }
                array.null()
                array.bool(true)
            }
            object.field("c", json: Array("{\"x\":[1]}".utf8))
            object.field("d", nil as String?)
            object.field("e", -7)
        }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":1,"b":[1,{},[],null,true],"c":{"x":[1]},"d":null,"e":-7}"#)
    }
}
