import Glibc
import HTTPTransport
import Testing

/// Each deadline passes on its own and has its own error.
@Suite(.timeLimit(.minutes(1)))
struct HTTPDeadlineTests {
    private func timeoutPhase(_ deadlines: HTTPDeadlines, _ url: String) async throws -> (HTTPPhase, Duration) {
        let start = ContinuousClock.now
        let error = try await transportError {
            let response = try await makeTransport().send(HTTPRequest(url: url, deadlines: deadlines))
            _ = try await response.body.text()
        }
        guard case .timeout(let phase, "127.0.0.1") = error else { throw error }
        #expect(error.sentNothing == (phase == .connect))
        return (phase, .now - start)
    }

    @Test func `a host that swallows connections meets the connect deadline`() async throws {
        let hole = try BlackHole()
        let (phase, time) = try await timeoutPhase(
            HTTPDeadlines(connect: .milliseconds(200)), "http://127.0.0.1:\(hole.port)")
        #expect(phase == .connect)
        #expect(time >= .milliseconds(200))
    }

    @Test func `a server that takes the request and says nothing meets the first-byte deadline`() async throws {
        let closed = Signal<Bool>()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            closed.send(connection.waitForClose())
        }
        let (phase, time) = try await timeoutPhase(HTTPDeadlines(firstByte: .milliseconds(200)), server.origin)
        #expect(phase == .firstByte)
        #expect(time >= .milliseconds(200))
        #expect(try await closed.next())
    }

    @Test func `a stream that falls silent meets the silence deadline`() async throws {
        let closed = Signal<Bool>()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.startChunked()
            connection.chunk("a")
            closed.send(connection.waitForClose())
        }
        let (phase, time) = try await timeoutPhase(HTTPDeadlines(silence: .milliseconds(200)), server.origin)
        #expect(phase == .silence)
        #expect(time >= .milliseconds(200))
        #expect(try await closed.next())
    }

    @Test func `half a head falls under silence`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nX-A: b\r\n")
            _ = connection.waitForClose()
        }
        let deadlines = HTTPDeadlines(firstByte: .seconds(30), silence: .milliseconds(200))
        #expect(try await timeoutPhase(deadlines, server.origin).0 == .silence)
    }

    @Test func `a stream that never ends meets the total deadline, however lively`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.startChunked()
            while connection.chunk("a") { usleep(10_000) }
        }
        let deadlines = HTTPDeadlines(silence: .seconds(5), total: .milliseconds(800))
        let (phase, time) = try await timeoutPhase(deadlines, server.origin)
        #expect(phase == .total)
        #expect(time >= .milliseconds(800))
    }

    @Test func `a TLS handshake that is never answered meets the connect deadline`() async throws {
        let server = try TestServer { connection in
            _ = connection.read(1)
            while connection.read(4096) != nil {}
        }
        let deadlines = HTTPDeadlines(connect: .milliseconds(200))
        let url = "https://127.0.0.1:\(server.port)"
        #expect(try await timeoutPhase(deadlines, url).0 == .connect)
    }
}

/// A loopback port whose queue of connections is full and never emptied: a further SYN gets no answer.
final class BlackHole: Sendable {
    let port: UInt16
    private let sockets: [Int32]

    init() throws {
        let (listener, port) = try TestServer.listen(backlog: 0)
        var sockets = [listener]
        for _ in 0..<4 {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = connect(filler, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            sockets.append(filler)
        }
        (self.port, self.sockets) = (port, sockets)
    }

    deinit {
        for socket in sockets { Glibc.close(socket) }
    }
}
