import HTTPTransport
import Logging
import ServiceLifecycle
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPTransportLifecycleTests {
    /// Streams "a", then "b" and the end when the gate opens.
    private func server(_ gate: Gate) throws -> TestServer {
        try TestServer { connection in
            _ = connection.readRequest()
            connection.startChunked()
            connection.chunk("a")
            gate.wait()
            connection.chunk("b")
            connection.endChunks()
        }
    }

    @Test func `a graceful shutdown lets transfers end and refuses new ones`() async throws {
        let gate = Gate()
        let server = try server(gate)
        let transport = makeTransport(drain: .seconds(30))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: transport)], logger: Logger(label: "test")))
        async let running: Void = group.run()
        let response = try await transport.send(HTTPRequest(url: server.origin))
        await group.triggerGracefulShutdown()
        await untilTrue {
            // Refused once the shutdown has reached the loop; a body that is dropped ends at once.
            (try? await transport.send(HTTPRequest(url: server.origin))) == nil
        }
        let error = try await transportError { _ = try await transport.send(HTTPRequest(url: server.origin)) }
        #expect(error == .closed(sentNothing: true))
        for _ in 0..<server.connectionCount { gate.open() }
        #expect(try await response.body.text() == "ab")
        try await running
    }

    @Test func `a graceful shutdown ends what outlasts the drain`() async throws {
        let server = try server(Gate())
        let transport = makeTransport(drain: .milliseconds(100))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: transport)], logger: Logger(label: "test")))
        async let running: Void = group.run()
        let response = try await transport.send(HTTPRequest(url: server.origin))
        await group.triggerGracefulShutdown()
        let error = try await transportError { _ = try await response.body.text() }
        #expect(error == .closed(sentNothing: false))
        try await running
    }

    @Test func `cancelling run ends every transfer at once`() async throws {
        let server = try server(Gate())
        let transport = makeTransport()
        let running = Task { try await transport.run() }
        let response = try await transport.send(HTTPRequest(url: server.origin))
        running.cancel()
        let error = try await transportError { _ = try await response.body.text() }
        #expect(error == .closed(sentNothing: false))
        try await running.value
        #expect(transport.activeTransfers == 0)
    }

    @Test func `an answer outlives a transport that nobody holds`() async throws {
        let gate = Gate()
        let server = try server(gate)
        let response = try await makeTransport().send(HTTPRequest(url: server.origin))
        gate.open()
        #expect(try await response.body.text() == "ab")
    }

    @Test func `starting, sending and stopping at any moment leaves nobody waiting`() async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil { connection.answer("ok") }
        }
        for round in 0..<60 {
            let transport = makeTransport(drain: round.isMultiple(of: 2) ? .zero : .milliseconds(1))
            await withTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask { _ = try? await transport.send(HTTPRequest(url: server.origin)).body.text() }
                }
                let running = Task { try await transport.run() }
                for _ in 0..<(round % 7) { await Task.yield() }
                running.cancel()
                _ = try? await running.value
            }
            #expect(transport.activeTransfers == 0)
        }
    }
}
