import Glibc
import HTTPTransport
import Testing

/// However an exchange is given up, the server sees the connection close at once.
@Suite(.timeLimit(.minutes(1)))
struct HTTPCancellationTests {
    /// A server that says when a request has come and when its client is gone.
    private struct Watched {
        let arrived = Signal<Void>()
        let closed = Signal<ContinuousClock.Instant?>()
        let server: TestServer

        init(answers: Bool) throws {
            let (arrived, closed) = (arrived, closed)
            server = try TestServer { connection in
                _ = connection.readRequest()
                if answers {
                    connection.startChunked()
                    connection.chunk("a")
                }
                arrived.send()
                closed.send(connection.waitForClose() ? .now : nil)
            }
        }

        /// How long after `start` the server saw the end.
        func delay(since start: ContinuousClock.Instant) async throws -> Duration {
            let closed = try await closed.next()
            return try #require(closed) - start
        }
    }

    @Test func `cancelling the task before the headers closes the connection`() async throws {
        let watched = try Watched(answers: false)
        let transport = makeTransport()
        let task = Task { try await transport.send(HTTPRequest(url: watched.server.origin)).status }
        try await watched.arrived.next()
        let start = ContinuousClock.now
        task.cancel()
        #expect(try await transportError { _ = try await task.value } == .cancelled)
        #expect(try await watched.delay(since: start) < .seconds(5))
        await untilTrue { transport.activeTransfers == 0 }
    }

    @Test func `the server sees the end within milliseconds`() async throws {
        let watched = try Watched(answers: true)
        let transport = makeTransport()
        var delays: [Duration] = []
        for _ in 0..<21 {
            let response = try await transport.send(HTTPRequest(url: watched.server.origin))
            let start = ContinuousClock.now
            response.body.cancel()
            delays.append(try await watched.delay(since: start))
        }
        // The median, so that a busy machine may have its pauses.
        let median = delays.sorted()[10]
        print("cancel-to-close median \(median), longest \(delays.max() ?? .zero)")
        #expect(median < .milliseconds(20))
    }

    @Test func `cancelling the task in mid-stream closes the connection`() async throws {
        let watched = try Watched(answers: true)
        let transport = makeTransport()
        let got = Signal<Void>()
        let task = Task {
            for try await _ in try await transport.send(HTTPRequest(url: watched.server.origin)).body { got.send() }
        }
        try await got.next()
        let start = ContinuousClock.now
        task.cancel()
        #expect(try await transportError { try await task.value } == .cancelled)
        #expect(try await watched.delay(since: start) < .seconds(5))
    }

    @Test func `dropping the response closes the connection`() async throws {
        let watched = try Watched(answers: true)
        let transport = makeTransport()
        var response: HTTPResponse? = try await transport.send(HTTPRequest(url: watched.server.origin))
        #expect(response?.status == 200)
        let start = ContinuousClock.now
        response = nil
        #expect(try await watched.delay(since: start) < .seconds(5))
    }

    @Test func `leaving the loop over the body closes the connection`() async throws {
        let watched = try Watched(answers: true)
        let transport = makeTransport()
        for try await _ in try await transport.send(HTTPRequest(url: watched.server.origin)).body { break }
        #expect(try await watched.delay(since: .now) < .seconds(5))
    }

    @Test func `cancelling the body closes the connection and wakes its reader`() async throws {
        let watched = try Watched(answers: true)
        let transport = makeTransport()
        let body = try await transport.send(HTTPRequest(url: watched.server.origin)).body
        let got = Signal<Void>()
        let reader = Task { for try await _ in body { got.send() } }
        try await got.next()
        let start = ContinuousClock.now
        body.cancel()
        #expect(try await transportError { try await reader.value } == .cancelled)
        #expect(try await watched.delay(since: start) < .seconds(5))
    }

    @Test func `a cancelled body never looks complete`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.answer("all of it")
        }
        let transport = makeTransport()
        let body = try await transport.send(HTTPRequest(url: server.origin)).body
        await untilTrue { transport.activeTransfers == 0 }
        body.cancel()
        #expect(try await transportError { _ = try await body.text() } == .cancelled)
    }

    @Test func `a task cancelled before it sends opens no connection`() async throws {
        let server = try TestServer { connection in connection.answer("") }
        let transport = makeTransport()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            _ = try await transport.send(HTTPRequest(url: server.origin))
        }
        task.cancel()
        #expect(try await transportError { try await task.value } == .cancelled)
        await untilTrue { transport.activeTransfers == 0 }
        #expect(server.connectionCount == 0)
    }

    @Test func `cancelling while the connection is being made ends at once`() async throws {
        let hole = try BlackHole()
        let transport = makeTransport()
        let task = Task { try await transport.send(HTTPRequest(url: "http://127.0.0.1:\(hole.port)")).status }
        await untilTrue { transport.activeTransfers == 1 }
        task.cancel()
        #expect(try await transportError { _ = try await task.value } == .cancelled)
        await untilTrue { transport.activeTransfers == 0 }
    }

    @Test func `a cancelled connection is not used again`() async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil {
                connection.startChunked()
                connection.chunk("a")
                if connection.waitForClose() { return }
                connection.endChunks()
            }
        }
        let transport = makeTransport()
        for _ in 0..<3 {
            let response = try await transport.send(HTTPRequest(url: server.origin))
            response.body.cancel()
        }
        #expect(server.connectionCount == 3)
    }
}
