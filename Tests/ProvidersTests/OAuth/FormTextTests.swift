import Testing

@testable import Providers

@Suite struct FormTextTests {
    @Test func `everything but unreserved characters is escaped, and nil leaves the name out`() {
        let text = FormText.encode([("a b", "x&y=z+%"), ("none", nil), ("empty", ""), ("ü", "~-._aZ09/")])
        #expect(text == "a%20b=x%26y%3Dz%2B%25&empty=&%C3%BC=~-._aZ09%2F")
    }

    @Test func `what was written is read back`() {
        let fields = [("a b", "x&y=z+%"), ("ü", "🦊"), ("empty", "")]
        let decoded = FormText.decode(FormText.encode(fields.map { ($0.0, Optional($0.1)) }))
        #expect(decoded == Dictionary(uniqueKeysWithValues: fields))
    }

    @Test func `broken escapes stay as they are, and a plus is a space`() {
        #expect(FormText.decode("a=%zz%4&b=c+d&e&a=second") == ["a": "%zz%4", "b": "c d", "e": ""])
    }
}
