import HTTPTransport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPTLSTests {
    let server: TLSServer

    init() throws {
        server = try TLSServer.shared.get()
    }

    @Test func `a certificate of an unknown authority is refused before anything is sent`() async throws {
        let error = try await transportError {
            _ = try await makeTransport().send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))
        }
        #expect(error == .tls(code: 60, host: "127.0.0.1"))
        #expect(error.sentNothing)
    }

    @Test func `a certificate of the configured bundle is accepted, and its connection kept`() async throws {
        let transport = makeTransport(caBundle: server.certificate)
        for _ in 0..<3 {
            let response = try await transport.send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))
            #expect(try await response.body.text() == "sealed")
        }
    }

    @Test func `a certificate for another name is refused`() async throws {
        let error = try await transportError {
            _ = try await makeTransport(caBundle: server.certificate).send(
                HTTPRequest(url: "https://localhost:\(server.port)/"))
        }
        #expect(error == .tls(code: 60, host: "localhost"))
    }

    @Test func `a missing bundle is refused, not replaced by the system's`() async throws {
        let error = try await transportError {
            _ = try await makeTransport(caBundle: "/nowhere/bundle.pem").send(
                HTTPRequest(url: "https://127.0.0.1:\(server.port)/"))
        }
        #expect(error == .tls(code: 77, host: "127.0.0.1"))
    }

    @Test func `a server without TLS is refused`() async throws {
        let plain = try TestServer { connection in
            _ = connection.read(1)
            connection.answer("plain")
        }
        let error = try await transportError {
            _ = try await makeTransport().send(HTTPRequest(url: "https://127.0.0.1:\(plain.port)/"))
        }
        #expect(error == .tls(code: 35, host: "127.0.0.1"))
        #expect(error.sentNothing)
    }

    @Test func `an encrypted body cut short is closedEarly`() async throws {
        let transport = makeTransport(caBundle: server.certificate)
        let response = try await transport.send(HTTPRequest(url: "https://127.0.0.1:\(server.port)/cut"))
        let error = try await transportError { _ = try await response.body.text() }
        #expect(error == .closedEarly(code: 18, host: "127.0.0.1"))
    }
}
