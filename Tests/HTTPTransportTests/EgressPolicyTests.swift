import Testing

@testable import HTTPTransport

@Suite(.timeLimit(.minutes(1)))
struct EgressPolicyTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200",
        "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",
        "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1",
        "2001:20::1", "2001:db8::1", "2002:0a00:0001::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1",
        "fd12:3456::1", "fe80::1", "fe80::1%1", "febf::1", "fec0::1", "ff02::1", "ff0e::1", "fd00:ec2::254",
    ])
    func `an address that is not public is refused`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!address.isPublic)
        let name = try HTTPTarget(url: "https://example.com/")
        #expect(EgressPolicy.publicOnly.refusal(of: address, for: name) != nil)
        #expect(EgressPolicy.any.refusal(of: address, for: name) == nil)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255",
        "168.63.129.15", "169.253.255.255", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.255.255",
        "198.17.0.1",
        "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001:80b::200e", "2001:200::1", "2400::1",
        "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
    ])
    func `a public address passes`(text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test func `a family that is neither IPv4 nor IPv6 is refused`() throws {
        let name = try HTTPTarget(url: "https://example.com/")
        #expect(EgressPolicy.publicOnly.refusal(of: nil, for: name) != nil)
    }

    /// Every way to write loopback that libcurl understands, and names that resolve to it.
    @Test(arguments: [
        "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "localhost", "LOCALHOST", "localhost.", "a.localhost", "0", "[::]",
    ])
    func `no spelling of a local host gets a connection`(host: String) async throws {
        let server = try TestServer { connection in connection.answer("secret") }
        let transport = makeTransport(egress: .publicOnly)
        let error = try await transportError {
            _ = try await transport.send(HTTPRequest(url: "http://\(host):\(server.port)/"))
        }
        // "localhost." is a name that only some resolvers know.
        if error != .connect(code: 6, host: "localhost.") {
            guard case .egressRefused = error else { throw error }
        }
        #expect(error.sentNothing)
        #expect(server.connectionCount == 0)
    }

    @Test func `an allowed host passes on its port only`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.answer("inside")
        }
        let other = try TestServer { connection in connection.answer("secret") }
        for host in ["127.0.0.1", "localhost"] {
            let allowed = try #require(HostAndPort("\(host):\(server.port)"))
            let transport = makeTransport(egress: .publicOnly(allowing: [allowed], requiresTLS: true))
            let response = try await transport.send(HTTPRequest(url: "http://\(host):\(server.port)/"))
            #expect(try await response.body.text() == "inside")
            for url in ["http://\(host):\(other.port)/", "https://\(host):\(other.port)/"] {
                let error = try await transportError { _ = try await transport.send(HTTPRequest(url: url)) }
                guard case .egressRefused = error else { throw error }
            }
        }
        #expect(other.connectionCount == 0)
    }

    @Test func `http to a public address is refused when TLS is required`() throws {
        let policy = EgressPolicy.publicOnly(allowing: [], requiresTLS: true)
        #expect(try policy.refusal(of: HTTPTarget(url: "http://example.com/")) == "not encrypted")
        #expect(try policy.refusal(of: HTTPTarget(url: "https://example.com/")) == nil)
    }

    @Test(
        arguments: [
            ("a.example:80", "a.example", 80), ("A.Example:8080", "a.example", 8080), ("[::1]:443", "::1", 443),
            ("127.0.0.1:1", "127.0.0.1", 1),
        ] as [(String, String, UInt16)])
    func `an entry is host and port`(text: String, host: String, port: UInt16) {
        #expect(HostAndPort(text) == HostAndPort(host: host, port: port))
    }

    @Test(arguments: ["", "a", "a:", ":80", "a:0", "a:70000", "a:80/", "::1:80", "http://a:80", "u@a:80", "a:x"])
    func `anything else is no entry`(text: String) {
        #expect(HostAndPort(text) == nil)
    }
}
