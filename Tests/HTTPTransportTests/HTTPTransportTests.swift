import Glibc
import HTTPTransport
import Testing

/// Exchanges that go well, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct HTTPTransportTests {
    @Test func `a request arrives as written and its answer comes back`() async throws {
        let seen = Signal<TestConnection.Request>()
        let server = try TestServer { connection in
            guard let request = connection.readRequest() else { return }
            seen.send(request)
            connection.answer("pong", status: "201 Created", headers: ["X-One: 1", "Set-Cookie: a", "set-cookie: b"])
        }
        let response = try await makeTransport().send(
            HTTPRequest(
                method: "POST", url: server.origin + "/a/b?c=d", headers: [("X-Empty", ""), ("Accept", "text/plain")],
                body: Array("ping".utf8)))
        let request = try await seen.next()
        #expect(request.line == "POST /a/b?c=d HTTP/1.1")
        #expect(request.body == Array("ping".utf8))
        #expect(request.header("X-Empty") == "")
        #expect(request.header("Accept") == "text/plain")
        #expect(request.header("User-Agent") == "errand")
        for absent in ["Expect", "Accept-Encoding", "Content-Type"] { #expect(request.header(absent) == nil) }
        #expect(response.status == 201)
        #expect(response.headers.first("x-ONE") == "1")
        #expect(response.headers.all("Set-Cookie") == ["a", "b"])
        #expect(response.headers["missing"] == nil)
        #expect(try await response.body.text() == "pong")
    }

    @Test(
        arguments: [
            ("GET", nil, nil), ("GET", "x", "1"), ("HEAD", nil, nil), ("POST", nil, "0"), ("PUT", "xy", "2"),
            ("PUT", nil, "0"),
            ("PATCH", "", "0"), ("DELETE", nil, nil), ("DELETE", "x", "1"), ("OPTIONS", nil, nil),
        ] as [(String, String?, String?)])
    func `every method frames its body`(method: String, body: String?, length: String?) async throws {
        let seen = Signal<TestConnection.Request>()
        let server = try TestServer { connection in
            guard let request = connection.readRequest() else { return }
            seen.send(request)
            connection.write("HTTP/1.1 204 No Content\r\n\r\n")
        }
        let request = HTTPRequest(method: method, url: server.origin, body: body.map { Array($0.utf8) })
        let response = try await makeTransport().send(request)
        #expect(response.status == 204)
        #expect(try await response.body.text() == "")
        let received = try await seen.next()
        #expect(received.line == "\(method) / HTTP/1.1")
        #expect(received.header("Content-Length") == length)
        #expect(received.body == Array((body ?? "").utf8))
    }

    @Test func `a request that wants a fresh connection takes no kept one, and leaves none`() async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil { connection.answer("pong") }
        }
        let transport = makeTransport()
        for (isFresh, count) in [(false, 1), (false, 1), (true, 2), (false, 2), (true, 3)] {
            var request = HTTPRequest(url: server.origin)
            request.usesFreshConnection = isFresh
            #expect(try await transport.send(request).body.text() == "pong")
            #expect(server.connectionCount == count)
        }
    }

    @Test func `a large body is uploaded without Expect`() async throws {
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let seen = Signal<TestConnection.Request>()
        let server = try TestServer { connection in
            guard let request = connection.readRequest() else { return }
            seen.send(request)
            connection.answer("ok")
        }
        let response = try await makeTransport().send(HTTPRequest(method: "POST", url: server.origin, body: body))
        #expect(try await response.body.text() == "ok")
        let request = try await seen.next()
        #expect(request.body == body)
        #expect(request.header("Expect") == nil)
    }

    @Test func `headers and each part of a stream come as soon as they are sent`() async throws {
        let go = Gate()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.startChunked()
            for number in 1...5 {
                go.wait()
                connection.chunk("data: \(number)\n\n")
            }
            go.wait()
            connection.endChunks()
        }
        let response = try await makeTransport().send(HTTPRequest(url: server.origin))
        #expect(response.headers.first("content-type") == "text/event-stream")
        var decoder = ServerSentEventDecoder()
        var body = response.body.makeAsyncIterator()
        for number in 1...5 {
            go.open()
            let bytes = try #require(try await body.next())
            #expect(try decoder.feed(bytes).map(\.data) == ["\(number)"])
        }
        go.open()
        #expect(try await body.next() == nil)
    }

    @Test func `a redirect is an answer`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.answer("", status: "302 Found", headers: ["Location: http://127.0.0.1:1/elsewhere"])
        }
        let response = try await makeTransport().send(HTTPRequest(url: server.origin))
        #expect(response.status == 302)
        #expect(response.headers.first("location") == "http://127.0.0.1:1/elsewhere")
    }

    @Test func `interim answers are passed over, folded headers joined, trailers left out`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nX-Long: a\r\n  b\r\n")
            connection.write("Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n")
        }
        let response = try await makeTransport().send(HTTPRequest(url: server.origin))
        #expect(response.status == 200)
        #expect(response.headers.first("link") == nil)
        #expect(response.headers.first("x-long") == "a b")
        #expect(try await response.body.text() == "ok")
        #expect(response.headers.first("x-sum") == nil)
    }

    @Test func `a connection is used again after a complete answer, also an unread one`() async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil { connection.answer("hello") }
        }
        let transport = makeTransport()
        for _ in 0..<20 {
            let response = try await transport.send(HTTPRequest(url: server.origin))
            #expect(try await response.body.text() == "hello")
        }
        #expect(server.connectionCount == 1)
    }

    @Test func `a compressed body is decoded when asked for`() async throws {
        // gzip of "hello hello hello hello"
        let packed: [UInt8] = [
            0x1f, 0x8b, 0x8, 0x0, 0x0, 0x0, 0x0, 0x0, 0x2, 0x3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40,
            0x27, 0x1, 0xe3, 0x51, 0x3d, 0x8d, 0x17, 0x0, 0x0, 0x0,
        ]
        let seen = Signal<String?>()
        let server = try TestServer { connection in
            seen.send(connection.readRequest()?.header("Accept-Encoding"))
            connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n")
            _ = connection.write(packed)
        }
        let response = try await makeTransport().send(HTTPRequest(url: server.origin, decompresses: true))
        #expect(try await seen.next() == "gzip, deflate")
        #expect(try await response.body.text() == "hello hello hello hello")
    }

    @Test func `proxy variables of the environment are ignored, a configured proxy is used`() async throws {
        // In a process of its own: changing the environment beside threads that read it is not safe.
        await #expect(processExitsWith: .success) {
            setenv("http_proxy", "http://127.0.0.1:1", 1)
            setenv("no_proxy", "*", 1)
            let seen = Signal<String?>()
            let server = try TestServer { connection in
                seen.send(connection.readRequest()?.line)
                connection.answer("")
            }
            _ = try await makeTransport().send(HTTPRequest(url: server.origin + "/direct"))
            try #require(try await seen.next() == "GET /direct HTTP/1.1")
            _ = try await makeTransport(proxy: server.origin).send(HTTPRequest(url: "http://nowhere.invalid/x"))
            try #require(try await seen.next() == "GET http://nowhere.invalid/x HTTP/1.1")
        }
    }
}
