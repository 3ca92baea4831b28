import Glibc
import HTTPTransport
import Testing

/// Exchanges that fail, each in its own way.
@Suite(.timeLimit(.minutes(1)))
struct HTTPFailureTests {
    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf",
    ])
    func `a body cut short is closedEarly after its bytes`(answer: String) async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.write(answer)
        }
        let response = try await makeTransport().send(HTTPRequest(url: server.origin))
        #expect(response.status == 200)
        var body = response.body.makeAsyncIterator()
        #expect(try await body.next() == Array("half".utf8))
        let error = try await transportError { _ = try await body.next() }
        #expect(error == .closedEarly(code: 18, host: "127.0.0.1"))
        #expect(!error.sentNothing)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Le"])
    func `an answer without a complete head is closedEarly`(answer: String) async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.write(answer)
        }
        let error = try await transportError { _ = try await makeTransport().send(HTTPRequest(url: server.origin)) }
        guard case .closedEarly(_, "127.0.0.1") = error else { throw error }
        #expect(!error.sentNothing)
    }

    @Test func `a reset in mid-body is closedEarly`() async throws {
        let gate = Gate()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.startChunked()
            connection.chunk("half")
            gate.wait()
            connection.resetOnClose()
        }
        let response = try await makeTransport().send(HTTPRequest(url: server.origin))
        var body = response.body.makeAsyncIterator()
        #expect(try await body.next() == Array("half".utf8))
        gate.open()
        let error = try await transportError { _ = try await body.next() }
        #expect(error == .closedEarly(code: 56, host: "127.0.0.1"))
    }

    @Test func `a refused connection and an unknown name sent nothing`() async throws {
        let server = try TestServer { _ in }
        server.stop()
        let transport = makeTransport()
        let refused = try await transportError { _ = try await transport.send(HTTPRequest(url: server.origin)) }
        #expect(refused == .connect(code: 7, host: "127.0.0.1"))
        #expect(refused.sentNothing)
        let unknown = try await transportError { _ = try await transport.send(HTTPRequest(url: "http://x.invalid/")) }
        #expect(unknown == .connect(code: 6, host: "x.invalid"))
        #expect(unknown.sentNothing)
    }

    @Test func `what is no HTTP is an error of its own`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.write("SSH-2.0-OpenSSH_9.2\r\n")
        }
        let error = try await transportError { _ = try await makeTransport().send(HTTPRequest(url: server.origin)) }
        #expect(error == .other(code: 1, host: "127.0.0.1", sentNothing: false))
    }

    @Test(arguments: [1, 100]) func `headers above the bound are refused`(lines: Int) async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            let line = "X-Fill: " + String(repeating: "x", count: 8000 / lines) + "\r\n"
            connection.write(
                "HTTP/1.1 200 OK\r\n" + String(repeating: line, count: lines) + "Content-Length: 0\r\n\r\n")
            _ = connection.waitForClose()
        }
        let transport = makeTransport()
        let within = try await transport.send(HTTPRequest(url: server.origin, maxHeaderBytes: 10_000))
        #expect(within.status == 200)
        let error = try await transportError {
            _ = try await transport.send(HTTPRequest(url: server.origin, maxHeaderBytes: 4_000))
        }
        #expect(error == .headersTooLarge(limitBytes: 4_000, host: "127.0.0.1"))
    }

    @Test func `a header line without end is refused`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nX-Fill: ")
            while connection.write(String(repeating: "x", count: 10_000)) {}
        }
        let error = try await transportError { _ = try await makeTransport().send(HTTPRequest(url: server.origin)) }
        #expect(error == .headersTooLarge(limitBytes: 65_536, host: "127.0.0.1"))
    }

    @Test func `trailers count against the bound`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.startChunked()
            connection.write("0\r\n")
            while connection.write("X-Fill: " + String(repeating: "x", count: 1_000) + "\r\n") {}
        }
        let response = try await makeTransport().send(HTTPRequest(url: server.origin))
        let error = try await transportError { _ = try await response.body.text() }
        #expect(error == .headersTooLarge(limitBytes: 65_536, host: "127.0.0.1"))
    }

    @Test func `collecting stops at its limit and closes the connection`() async throws {
        let closed = Signal<Void>()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.startChunked()
            while connection.chunk(String(repeating: "x", count: 10_000)) {}
            closed.send()
        }
        let response = try await makeTransport().send(HTTPRequest(url: server.origin))
        let error = try await transportError { _ = try await response.body.collect(upTo: 100_000) }
        #expect(error == .bodyTooLarge(limitBytes: 100_000))
        try await closed.next()
    }

    @Test(arguments: [
        HTTPRequest(url: "ftp://127.0.0.1/"), HTTPRequest(url: "file:///etc/passwd"), HTTPRequest(url: "/relative"),
        HTTPRequest(url: "http://"), HTTPRequest(url: "http://user:secret@127.0.0.1/"), HTTPRequest(url: "http://a b/"),
        HTTPRequest(url: "http://127.0.0.1/\r\nX: y"), HTTPRequest(url: "http://127.0.0.1:99999/"),
        HTTPRequest(url: ""),
        HTTPRequest(method: "GET /x", url: "http://127.0.0.1/"), HTTPRequest(method: "", url: "http://127.0.0.1/"),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("X", "secret\r\nY: z")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("X", "secret\u{0}")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("X Y", "secret")]),
        HTTPRequest(url: "http://127.0.0.1/", headers: [("Content-Length", "5")]),
    ])
    func `a request that cannot stand on the wire is refused`(request: HTTPRequest) async throws {
        let error = try await transportError { _ = try await makeTransport().send(request) }
        guard case .invalidRequest = error else { throw error }
        #expect(error.sentNothing)
        #expect(!"\(error)".contains("secret"))
    }

    @Test func `one transfer more than allowed is overloaded, until one ends`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.startChunked()
            _ = connection.waitForClose()
        }
        for transport in [makeTransport(maxConnections: 2), makeTransport(maxConnectionsPerHost: 2)] {
            let first = try await transport.send(HTTPRequest(url: server.origin))
            let second = try await transport.send(HTTPRequest(url: server.origin))
            let error = try await transportError { _ = try await transport.send(HTTPRequest(url: server.origin)) }
            #expect(error == .overloaded)
            #expect(error.sentNothing)
            first.body.cancel()
            await untilTrue { transport.activeTransfers == 1 }
            let third = try await transport.send(HTTPRequest(url: server.origin))
            #expect(third.status == 200)
            withExtendedLifetime((second, third)) {}
        }
    }

    @Test func `a POST is not repeated when its kept-alive connection dies, a GET and a repeatable POST are`()
        async throws
    {
        let seen = Signal<String>()
        let server = try TestServer { connection in
            guard let first = connection.readRequest() else { return }
            seen.send(first.line)
            connection.answer("ok")
            guard let second = connection.readRequest() else { return }
            seen.send("lost " + second.line)
        }
        let transport = makeTransport()
        func send(_ method: String, isRepeatable: Bool? = nil) async throws -> String {
            let request = HTTPRequest(method: method, url: server.origin, isRepeatable: isRepeatable)
            return try await transport.send(request).body.text()
        }
        #expect(try await send("GET") == "ok")
        #expect(try await seen.next() == "GET / HTTP/1.1")

        let error = try await transportError { _ = try await send("POST") }
        #expect(error == .closedEarly(code: 52, host: "127.0.0.1"))
        #expect(try await seen.next() == "lost POST / HTTP/1.1")

        #expect(try await send("GET") == "ok")
        #expect(try await seen.next() == "GET / HTTP/1.1")
        for (method, isRepeatable) in [("GET", nil), ("POST", true)] as [(String, Bool?)] {
            #expect(try await send(method, isRepeatable: isRepeatable) == "ok")
            #expect(try await seen.next() == "lost \(method) / HTTP/1.1")
            #expect(try await seen.next() == "\(method) / HTTP/1.1")
        }
    }

    @Test(arguments: ["GET", "POST"])
    func `a request that was lost with its connection counts as sent, though the repeat cannot connect`(
        method: String
    ) async throws {
        let gate = Gate()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.answer("ok")
            _ = connection.readRequest()
            gate.wait()
        }
        let transport = makeTransport()
        let request = HTTPRequest(method: method, url: server.origin)
        #expect(try await transport.send(request).body.text() == "ok")
        server.stop()
        gate.open()
        let error = try await transportError { _ = try await transport.send(request) }
        guard case .closedEarly(_, "127.0.0.1") = error else { throw error }
        #expect(!error.sentNothing)
    }
}
