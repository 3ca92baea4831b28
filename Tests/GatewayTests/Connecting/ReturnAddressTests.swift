import Domain
import Testing

@testable import APIGateway

@Suite struct ReturnAddressTests {
    private static let origins = AllowedOrigins(["https://app.example.com", "http://localhost:3000"])

    @Test(
        arguments: [
            "/", "/?view=connections", "/a/b?c=d#e", "/a/", "/a.b/c..d", "/?to=/../%2f", "/x?next=https://evil.example",
            "https://app.example.com", "https://app.example.com/", "https://app.example.com/settings?tab=1#end",
            "https://app.example.com?x=1", "https://app.example.com#top", "http://localhost:3000/done",
        ])
    func `a path of ours and an allowed origin are taken`(_ text: String) throws {
        #expect(try ReturnAddress(text, origins: Self.origins).text == text)
    }

    @Test(
        arguments: [
            // Another host, however it is written.
            "https://evil.example", "https://evil.example/https://app.example.com", "//evil.example", "///evil.example",
            "/.//evil.example", "/..//evil.example", "/a/../b", "/%2e%2E//evil.example", "/%2f%2Fevil.example", "/a//b",
            "/%5cevil.example",
            "/\\evil.example", "\\/evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
            "\t//evil.example", " /", "/ /evil.example", "/\u{0}", "/\u{7f}", "/\u{85}",
            // What only begins like an allowed origin.
            "https://app.example.com.evil.example", "https://app.example.com@evil.example/",
            "https://app.example.com:443@evil.example", "https://app.example.com:8443", "https://app.example.comx",
            "https://app.example.com\\@evil.example", "https://user@app.example.com", "http://app.example.com",
            "https:/app.example.com", "https:app.example.com", "HTTPS://app.example.com", "https://APP.example.com",
            "https://app.example.com.", "https:///app.example.com", "https://app.example.com%2f@evil.example",
            // No address of a page.
            "javascript:alert(1)", "javascript://app.example.com/%0aalert(1)", "data:text/html,x", "x", "", "?view=x",
            "#x", ".", "../x", "ftp://app.example.com", "/ü", "https://app.example.com/ü",
        ])
    func `everything else is refused`(_ text: String) {
        #expect(throws: InvalidCommand.self) { try ReturnAddress(text, origins: Self.origins) }
    }

    @Test(
        arguments: [
            "/?job=1", "/?error=x", "/?a=b&job=1", "/?%6aob=1", "/?job", "https://app.example.com?x&err%6Fr=1",
        ])
    func `nobody puts the outcome there beforehand`(_ text: String) {
        #expect(throws: InvalidCommand.self) { try ReturnAddress(text, origins: Self.origins) }
    }

    @Test func `its length is bounded`() throws {
        let longest = "/" + String(repeating: "x", count: ReturnAddress.maxBytes - 1)
        #expect(try ReturnAddress(longest, origins: Self.origins).text == longest)
        #expect(throws: InvalidCommand.self) { try ReturnAddress(longest + "x", origins: Self.origins) }
    }

    @Test func `without a list there are only paths`() {
        #expect(throws: InvalidCommand.self) {
            try ReturnAddress("https://app.example.com", origins: AllowedOrigins())
        }
    }

    @Test(
        arguments: [
            ("/", "/?job=1"), ("/?view=connections", "/?view=connections&job=1"), ("/x#end", "/x?job=1#end"),
            ("/x?a=b#end?c", "/x?a=b&job=1#end?c"), ("https://app.example.com", "https://app.example.com?job=1"),
        ])
    func `the outcome is added before the fragment`(_ text: String, _ expected: String) throws {
        #expect(try ReturnAddress(text, origins: Self.origins).adding("job", "1") == expected)
    }
}
