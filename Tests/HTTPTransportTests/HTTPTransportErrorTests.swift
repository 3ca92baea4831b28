import HTTPTransport
import Testing

struct HTTPTransportErrorTests {
    @Test func `an error's text names host and code, never path, query, header or body`() async throws {
        let server = try TestServer { _ in }
        server.stop()
        let request = HTTPRequest(
            method: "POST", url: server.origin + "/path-secret?key=query-secret#fragment-secret",
            headers: [("Authorization", "Bearer header-secret")], body: Array("body-secret".utf8))
        let error = try await transportError { _ = try await makeTransport().send(request) }
        #expect("\(error)" == "no connection to 127.0.0.1: Couldn't connect to server (curl 7)")
        #expect(!String(reflecting: error).contains("secret"))
        #expect(error.code == 7)
    }
}
