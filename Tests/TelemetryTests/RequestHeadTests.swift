import Testing

@testable import Telemetry

@Suite struct RequestHeadTests {
    @Test(arguments: [
        ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", RequestHead.complete(method: "GET", path: "/metrics")),
        ("GET /metrics HTTP/1.0\r\n\r\n", .complete(method: "GET", path: "/metrics")),
        ("GET /metrics?a=b?c HTTP/1.1\r\n\r\nrest", .complete(method: "GET", path: "/metrics")),
        ("POST / HTTP/1.1\r\n\r\n", .complete(method: "POST", path: "/")),
        ("", .incomplete), ("G", .incomplete), ("GET /metrics HTTP/1.1\r\n", .incomplete),
        ("GET /metrics HTTP/1.1\r\n\r", .incomplete), ("GET /metrics HTTP/2.0\r\n\r\n", .refused(status: 505)),
        ("GET /metrics\r\n\r\n", .refused(status: 400)), ("GET  /metrics HTTP/1.1\r\n\r\n", .refused(status: 400)),
        ("GET http://x/metrics HTTP/1.1\r\n\r\n", .refused(status: 400)), ("\r\n\r\n", .refused(status: 400)),
        ("GET /metrics HTTP/1.1\r\nA: \0\r\n\r\n", .refused(status: 400)), ("{}", .refused(status: 400)),
        ("G\u{1}T / HTTP/1.1\r\n\r\n", .refused(status: 400)), ("\u{16}\u{3}\u{1}", .refused(status: 400)),
    ])
    func `a head is read, awaited or refused`(text: String, head: RequestHead) {
        #expect(RequestHead.read(Array(text.utf8)) == head)
    }

    @Test func `a head has 8 KiB`() {
        func head(_ count: Int) -> [UInt8] {
            let start = "GET / HTTP/1.1\r\nA: "
            return Array((start + String(repeating: "a", count: count - start.utf8.count - 4) + "\r\n\r\n").utf8)
        }
        #expect(RequestHead.read(head(8192)) == .complete(method: "GET", path: "/"))
        #expect(RequestHead.read(head(8193)) == .refused(status: 431))
        #expect(RequestHead.read(Array(head(9000).prefix(8191))) == .incomplete)
        #expect(RequestHead.read(Array(head(9000).prefix(8192))) == .refused(status: 431))
    }

    @Test func `no bytes at all make it trap`() {
        var random = Seeded(state: 42)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                "GET /HTP1.\r\n\r\n :a\0é".utf8.randomElement(using: &random) ?? 0
            }
            _ = RequestHead.read(bytes)
        }
    }
}

/// The same numbers at every run.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    /// SplitMix64: https://prng.di.unimi.it/splitmix64.c
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
