import Testing

@testable import Providers

@Suite struct PublicHostNameTests {
    @Test(arguments: [
        ("school.instructure.com", "school.instructure.com"), ("CANVAS.MIT.EDU", "canvas.mit.edu"),
        ("a.io", "a.io"), ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"), ("1-2.3.museum", "1-2.3.museum"),
        ("canvas.xn--p1ai", "canvas.xn--p1ai"),
    ])
    func `a public host's name is taken in lower case`(raw: String, text: String) {
        #expect(PublicHostName(raw)?.text == text)
    }

    @Test(arguments: [
        "", "school", ".", "a.", ".a.com", "a..com", "school.instructure.com.", "-a.com", "a-.com", "a_b.com",
        "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::1]", "::1", "::ffff:127.0.0.1", "10.0.0.256",
        "1.2.3.4.5", "a.b1", "a.1b", "localhost", "a.localhost", "printer.local", "db.internal", "router.lan",
        "a.home.arpa", "a.onion", "a.invalid", "a.test", "metadata.google.internal",
        "https://school.instructure.com", "school.instructure.com:443", "school.instructure.com/",
        "school.instructure.com?x", "school.instructure.com#x", "user@school.instructure.com",
        "school.instructure.com\\@evil.com", "school.instructure.com ", " school.instructure.com",
        "school%2einstructure.com", "münchen.de",
        "school。instructure.com", "ＳＣＨＯＯＬ.com", "a.c", "*.instructure.com",
        String(repeating: "a", count: 64) + ".com",
        Array(repeating: "abcdefg", count: 32).joined(separator: ".") + ".com",
    ])
    func `an address, a URL or a local name is none`(raw: String) {
        #expect(PublicHostName(raw) == nil)
    }

    @Test func `a control character makes a name none`() {
        for scalar in (UInt8(0)...0x20).map({ Unicode.Scalar($0) }) + ["\u{7f}"] {
            for raw in ["school\(scalar).instructure.com", "school.instructure.com\(scalar)", "\(scalar)school.io"] {
                #expect(PublicHostName(raw) == nil)
            }
        }
    }
}
