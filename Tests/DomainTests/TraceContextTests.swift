import Domain
import Testing

/// The cases of the W3C's own test suite, and of the text itself: https://www.w3.org/TR/trace-context-2/
@Suite struct TraceContextTests {
    static let traceID = "12345678901234567890123456789012"
    static let spanID = "1234567890123456"
    static let valid = "00-\(traceID)-\(spanID)-01"

    @Test func `a valid traceparent is read and printed the same`() throws {
        let context = try #require(TraceContext(traceparent: Self.valid))
        #expect(context.traceID.description == Self.traceID)
        #expect(context.spanID.description == Self.spanID)
        #expect(context.isSampled)
        #expect(context.traceparent == Self.valid)
        #expect(context.tracestate == nil)
        #expect(context.headers.map(\.name) == ["traceparent"])
    }

    @Test(arguments: [
        "", "00", "00-\(traceID)-\(spanID)", "00-\(traceID)-\(spanID)-", "00-\(traceID)-\(spanID)-1",
        "00-\(traceID)-\(spanID)-001", "00-\(traceID)-\(spanID)-01-", "00-\(traceID)-\(spanID)-01-what",
        "00-\(traceID)-\(spanID)-01.", "00-\(traceID)-\(spanID)-.0", "00-\(traceID)-\(spanID)-0.",
        "00-\(traceID)-\(spanID)-0G", "00-\(traceID)-\(spanID)-0A", "ff-\(traceID)-\(spanID)-01",
        "FF-\(traceID)-\(spanID)-01", ".0-\(traceID)-\(spanID)-01", "0.-\(traceID)-\(spanID)-01",
        "0-\(traceID)-\(spanID)-01", "000-\(traceID)-\(spanID)-01", "cc-\(traceID)-\(spanID)-01.what",
        "cc-\(traceID)-\(spanID)-011", "00_\(traceID)-\(spanID)-01", "00-\(traceID)_\(spanID)-01",
        "00-\(traceID)-\(spanID)_01", "00-00000000000000000000000000000000-\(spanID)-01",
        "00-\(traceID)-0000000000000000-01", "00-.2345678901234567890123456789012-\(spanID)-01",
        "00-1234567890123456789012345678901.-\(spanID)-01", "00-123456789012345678901234567890123-\(spanID)-01",
        "00-1234567890123456789012345678901-\(spanID)-01", "00-\(traceID)-.234567890123456-01",
        "00-\(traceID)-12345678901234567-01", "00-\(traceID)-123456789012345-01",
        "00-1234567890ABCDEF1234567890123456-\(spanID)-01", "00-\(traceID)-123456789012345E-01", " \(valid)",
        "\(valid) ", "00-１2345678901234567890123456789012-\(spanID)-01",
    ])
    func `what is not a traceparent is not read`(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test(arguments: ["01", "cc", "fe"], ["", "-", "-what-the-future-will-be-like"])
    func `of a later version the known part is read and sent on as version 00`(version: String, rest: String) {
        let context = TraceContext(traceparent: "\(version)-\(Self.traceID)-\(Self.spanID)-ff\(rest)")
        #expect(context?.traceparent == Self.valid)
    }

    @Test(arguments: [("00", "00"), ("01", "01"), ("02", "02"), ("03", "03"), ("ff", "03"), ("fc", "00")])
    func `unknown flags are dropped`(received: String, sent: String) throws {
        let context = try #require(TraceContext(traceparent: "00-\(Self.traceID)-\(Self.spanID)-\(received)"))
        #expect(context.traceparent.hasSuffix("-\(sent)"))
        #expect(context.isSampled == (sent == "01" || sent == "03"))
    }

    @Test func `a child has the trace, the flags and the state of its parent, and its own id`() throws {
        let parent = try #require(TraceContext(traceparent: Self.valid, tracestate: "a=1"))
        let child = parent.child()
        #expect(child.traceID == parent.traceID)
        #expect(child.flags == parent.flags)
        #expect(child.tracestate == "a=1")
        #expect(child.spanID != parent.spanID)
    }

    @Test func `roots differ, and no id is all zeroes even when the generator says so`() throws {
        #expect(TraceContext.root(isSampled: true).traceID != TraceContext.root(isSampled: true).traceID)
        var zeroes = Zeroes(left: 5)
        let context = TraceContext.root(isSampled: false, random: &zeroes)
        #expect(TraceContext(traceparent: context.traceparent) == context)
        #expect(!context.isSampled)
        #expect(TraceContext.root(isSampled: true).isSampled)
    }

    @Test(arguments: [
        ("foo=1,bar=2", "foo=1,bar=2"), ("", nil), (" ", nil), (",", nil), ("foo=1,", "foo=1"), (",foo=1", "foo=1"),
        ("foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3"), ("foo=1\t \t,\t \tbar=2", "foo=1,bar=2"),
        ("foo= a b", "foo= a b"), ("0@a/b*c-d_e=1", "0@a/b*c-d_e=1"), ("t@v=1", "t@v=1"),
        // Not valid: nothing is passed on.
        ("foo=1,foo=1", nil), ("foo=1,foo=2", nil), ("foo =1", nil), ("FOO=1", nil), ("foo.bar=1", nil),
        ("foo@=1,", "foo@=1"), ("@foo=1", nil), ("=1", nil), ("foo", nil), ("foo=", nil), ("foo=bar=baz", nil),
        ("foo=ü", nil), ("foo=a\u{7f}", nil), ("foo=\u{1}", nil), ("foo=1;bar=2", nil), ("foo=1;bar", "foo=1;bar"),
    ])
    func `tracestate is kept when it is valid`(header: String, kept: String?) throws {
        let context = try #require(TraceContext(traceparent: Self.valid, tracestate: header))
        #expect(context.tracestate == kept)
        #expect(context.traceparent == Self.valid)
    }

    @Test func `keys and values have their limits`() {
        #expect(TraceState(String(repeating: "z", count: 256) + "=1") != nil)
        #expect(TraceState(String(repeating: "z", count: 257) + "=1") == nil)
        #expect(TraceState("a=" + String(repeating: "v", count: 256)) != nil)
        #expect(TraceState("a=" + String(repeating: "v", count: 257)) == nil)
    }

    @Test func `a tracestate holds at most 32 members`() {
        func state(_ count: Int) -> String { (1...count).map { "bar\($0)=\($0)" }.joined(separator: ",") }
        #expect(TraceState(state(32))?.text == state(32))
        #expect(TraceState(state(33)) == nil)
    }

    @Test func `a long tracestate loses its long members first, then its last`() throws {
        let long = "long=" + String(repeating: "x", count: 200)
        let short = (0..<30).map { "k\($0)=0123456789" }
        let mixed = try #require(
            TraceState(([long] + short + [long.replacing("long", with: "more")]).joined(separator: ",")))
        #expect(mixed.text == short.joined(separator: ","))
        let many = (0..<32).map { "key\($0)=01234567890123456789" }
        let cut = try #require(TraceState(many.joined(separator: ","))).text
        #expect(cut.utf8.count <= 512 && cut.utf8.count > 480)
        #expect(many.joined(separator: ",").hasPrefix(cut))
    }

    private struct Zeroes: RandomNumberGenerator {
        var left: Int

        mutating func next() -> UInt64 {
            left -= 1
            return left >= 0 ? 0 : 7
        }
    }
}
