import HTTPTypes
import Testing

@testable import APIGateway

@Suite struct TrustedProxiesTests {
    private static let proxies = TrustedProxies(
        ["10.0.0.0/8", "192.0.2.7", "2001:db8:1::/48"].compactMap { IPNetwork($0) })

    private static func client(_ peer: String, _ forwarded: [String], scheme: String? = nil) -> String? {
        var headers = HTTPFields()
        for value in forwarded { headers.append(HTTPField(name: .xForwardedFor, value: value)) }
        if let scheme { headers[.xForwardedProto] = scheme }
        guard let peer = IPAddress(peer) else { return nil }
        return proxies.client(peer: peer, headers).address.description
    }

    @Test(
        arguments: [
            // Nobody vouches for a stranger.
            ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
            ("10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
            // What the client wrote itself stands on the left.
            ("10.1.2.3", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", ["10.9.9.9, 198.51.100.1"], "198.51.100.1"),
            // A chain of proxies, and several lines.
            ("10.1.2.3", ["198.51.100.1, 10.0.0.9, 192.0.2.7"], "198.51.100.1"),
            ("10.1.2.3", ["6.6.6.6", "198.51.100.1", "10.0.0.9"], "198.51.100.1"),
            // Only proxies: the one farthest out.
            ("10.1.2.3", ["10.0.0.8, 10.0.0.9"], "10.0.0.8"),
            ("10.1.2.3", [], "10.1.2.3"), ("10.1.2.3", [""], "10.1.2.3"),
            // What cannot be read ends it at the last one that could.
            ("10.1.2.3", ["198.51.100.1, nonsense"], "10.1.2.3"),
            ("10.1.2.3", ["198.51.100.1, unknown, 10.0.0.9"], "10.0.0.9"),
            ("10.1.2.3", ["198.51.100.1,"], "10.1.2.3"),
            ("10.1.2.3", ["198.51.100.01"], "10.1.2.3"),
            // Ports, brackets, IPv6, and IPv4 in IPv6.
            ("10.1.2.3", ["198.51.100.1:4711"], "198.51.100.1"),
            ("10.1.2.3", ["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.1.2.3", ["2001:db8::1"], "2001:db8::1"),
            ("10.1.2.3", ["::ffff:198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", ["198.51.100.1:99999"], "10.1.2.3"), ("10.1.2.3", ["[2001:db8::1"], "10.1.2.3"),
            ("::ffff:10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
            ("2001:db8:1::5", ["2001:db8:2::5"], "2001:db8:2::5"), ("2001:db8:2::5", ["1.2.3.4"], "2001:db8:2::5"),
        ] as [(String, [String], String)])
    func `the client is the first from the right whom nobody vouches for`(
        peer: String, forwarded: [String], client: String
    ) {
        #expect(Self.client(peer, forwarded) == client)
    }

    @Test func `a header of thousands of entries is not walked through`() {
        let long = (0..<10_000).map { _ in "10.0.0.1" }.joined(separator: ",")
        #expect(Self.client("10.1.2.3", ["198.51.100.1," + long]) == "10.0.0.1")
    }

    @Test func `only a trusted proxy can say that a client came by https`() throws {
        let headers: HTTPFields = [.xForwardedProto: "https"]
        #expect(Self.proxies.client(peer: try #require(IPAddress("10.0.0.1")), headers).isEncrypted)
        #expect(!Self.proxies.client(peer: try #require(IPAddress("203.0.113.5")), headers).isEncrypted)
        let spoofed: HTTPFields = [.xForwardedProto: "https, http"]
        #expect(!Self.proxies.client(peer: try #require(IPAddress("10.0.0.1")), spoofed).isEncrypted)
    }

    @Test(arguments: [
        "10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "192.0.2.7", "192.0.2.7/32", "::1", "::1/128",
    ])
    func `networks`(text: String) {
        #expect(IPNetwork(text) != nil)
    }

    @Test(arguments: [
        "", "10", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.1/8", "/8",
        "10.0.0.0/8/8", "2001:db8::/129", "2001:db8::1/32", "fe80::1%eth0", "[::1]", "example.com", "10.0.0.0 /8",
        "010.0.0.0/8",
    ])
    func `what is no network`(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test func `an IPv6 client is counted by its 64 bits`() throws {
        let one = try #require(IPAddress("2001:db8:0:1:2:3:4:5"))
        let other = try #require(IPAddress("2001:db8:0:1::"))
        #expect(one.neighbourhood == "2001:db8:0:1::/64" && other.neighbourhood == one.neighbourhood)
        #expect(IPAddress("::ffff:192.0.2.1")?.neighbourhood == "192.0.2.1")
        #expect(IPAddress("2001:db8:0:2::")?.neighbourhood != one.neighbourhood)
    }
}
