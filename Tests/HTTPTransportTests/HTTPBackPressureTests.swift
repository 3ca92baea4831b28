import Glibc
import HTTPTransport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPBackPressureTests {
    private static let bodyBytes = 50_000_000
    /// Byte n of the body is n modulo 251; long enough for a piece that starts anywhere in it.
    private static let pattern = (0..<(256 * 1024 + 251)).map { UInt8($0 % 251) }

    /// Sends `bodyBytes` and reports how much it got rid of whenever nobody takes any more for 200 ms, and -1
    /// at its end.
    private static func fountain(_ stuck: Signal<Int>) throws -> TestServer {
        try TestServer { connection in
            _ = connection.readRequest()
            defer { stuck.send(-1) }
            connection.setSendTimeout(milliseconds: 200)
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(bodyBytes)\r\n\r\n")
            var sent = 0
            while sent < bodyBytes {
                let piece = Array(pattern[(sent % 251)...].prefix(min(65_536, bodyBytes - sent)))
                let count = connection.write(piece)
                sent += count
                if count < piece.count {
                    stuck.send(sent)
                    if count == 0, connection.waitForClose(seconds: 0) { return }
                }
            }
        }
    }

    @Test func `a reader that stops holds the server back and later gets every byte`() async throws {
        let stuck = Signal<Int>()
        let server = try Self.fountain(stuck)
        let silence = Duration.seconds(3)
        let response = try await makeTransport().send(
            HTTPRequest(url: server.origin, deadlines: HTTPDeadlines(silence: silence)))
        // The sockets' buffers on both ends, and 256 KiB of ours: stuck again and again at the same byte is really
        // stuck. That takes longer than the silence deadline, which must not run while we hold the server back.
        var (sent, since) = (try await stuck.next(), ContinuousClock.now)
        while .now - since < silence + .milliseconds(500) {
            let next = try await stuck.next()
            try #require(next >= 0, "the client has closed")
            if next != sent { (sent, since) = (next, .now) }
        }
        #expect(sent < 20_000_000)
        var position = 0
        for try await bytes in response.body {
            #expect(bytes.count <= 256 * 1024)
            let isRight = Self.pattern[(position % 251)...].withUnsafeBytes { expected in
                bytes.withUnsafeBytes { memcmp($0.baseAddress!, expected.baseAddress!, $0.count) == 0 }
            }
            #expect(isRight, "the bytes from \(position) on")
            position += bytes.count
        }
        #expect(position == Self.bodyBytes)
    }

    @Test func `several readers at full speed get every byte`() async throws {
        let server = try Self.fountain(Signal<Int>())
        let transport = makeTransport()
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    var count = 0
                    for try await bytes in try await transport.send(HTTPRequest(url: server.origin)).body {
                        count += bytes.count
                    }
                    return count
                }
            }
            for try await count in group { #expect(count == Self.bodyBytes) }
        }
    }

    @Test func `a stopped transfer can be cancelled`() async throws {
        let stuck = Signal<Int>()
        let server = try Self.fountain(stuck)
        let transport = makeTransport()
        let response = try await transport.send(HTTPRequest(url: server.origin))
        _ = try await stuck.next()
        response.body.cancel()
        await untilTrue { transport.activeTransfers == 0 }
    }

    @Test func `a stopped transfer meets the total deadline`() async throws {
        let stuck = Signal<Int>()
        let server = try Self.fountain(stuck)
        let deadlines = HTTPDeadlines(total: .seconds(1))
        let transport = makeTransport()
        let response = try await transport.send(HTTPRequest(url: server.origin, deadlines: deadlines))
        await untilTrue { transport.activeTransfers == 0 }
        let error = try await transportError { _ = try await response.body.collect(upTo: Self.bodyBytes) }
        #expect(error == .timeout(phase: .total, host: "127.0.0.1"))
    }
}
