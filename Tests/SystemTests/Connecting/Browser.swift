import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing

/// A browser as far as connecting needs one: its cookies, and somebody who has signed in.
struct Browser: Sendable {
    let connecting: ConnectSystem
    let cookies = Box<[String: String]>([:])

    init(_ connecting: ConnectSystem) { self.connecting = connecting }

    struct Link: Decodable { var authorization_url: String }

    struct Connection: Decodable {
        var id: ConnectionID
        var provider: String
        var account_name: String
        var state: String
        var message: String
        var features: [String]
        var scopes: [String]
    }

    struct Connections: Decodable { var connections: [Connection] }

    /// A request of the page. Cookies that come are kept.
    func send(_ method: String, _ path: String, _ body: String? = nil) async throws -> APIClient.Answer {
        let base = connecting.accounts.client.base
        var headers = [(name: "Cookie", value: cookies.value.map { "\($0.key)=\($0.value)" }.joined(separator: "; "))]
        if method != "GET" {
            headers.append((name: "Origin", value: base))
            headers.append((name: "X-CSRF-Token", value: cookies.value["__Host-errand-csrf"] ?? ""))
            headers.append((name: "Content-Type", value: "application/json"))
        }
        let response = try await connecting.system.transport.send(
            HTTPRequest(method: method, url: base + path, headers: headers, body: body.map { Array($0.utf8) }))
        for value in response.headers.all("set-cookie") {
            let pair = value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
            if pair.count == 2 { cookies.change { $0[pair[0]] = pair[1] } }
        }
        return APIClient.Answer(
            status: response.status, headers: response.headers, body: try await response.body.collect(upTo: 1 << 20))
    }

    func signIn(_ email: String) async throws {
        let body = #"{"email":"\#(email)","password":"\#(AccountSystem.password)","cookie":true}"#
        let answer = try await send("POST", "/api/v1/auth/jwt/login", body)
        try #require(answer.status == 200, "\(answer.text)")
    }

    /// Presses Connect.
    /// - Returns: the address of the consent page.
    func connect(_ provider: String, _ body: String = "{}") async throws -> String {
        let answer = try await send("POST", "/api/v1/integrations/\(provider)/connect", body)
        try #require(answer.status == 200, "\(answer.text)")
        let link: Link = try answer.decode()
        return link.authorization_url
    }

    /// Says yes, or no, on the consent page.
    /// - Returns: the path and query that the provider sends the browser back to.
    func consent(_ page: String, _ answer: String = "auto=allow&account=ada") async throws -> String {
        let response = try await connecting.system.transport.send(HTTPRequest(url: "\(page)&\(answer)"))
        let location = try #require(response.headers.first("location"), "\(response.status)")
        try #require(location.hasPrefix(ConnectSystem.publicURL + "/"), "\(location)")
        return String(location.dropFirst(ConnectSystem.publicURL.count))
    }

    /// What a callback was answered with: the address the browser goes to, or a status with a page.
    func comeBack(_ path: String) async throws -> (status: Int, address: String?, text: String) {
        let answer = try await send("GET", path)
        return (answer.status, answer.headers.first("location"), answer.text)
    }

    /// From the button to the end of the job.
    @discardableResult
    func connectToTheEnd(
        _ provider: String, _ body: String = "{}", _ answer: String = "auto=allow&account=ada"
    ) async throws -> Connection {
        let back = try await comeBack(consent(connect(provider, body), answer))
        let job = try #require(back.address?.firstMatch(of: /[?&]job=([0-9a-f-]+)/)?.1, "\(back)")
        let ended = try await end(of: String(job))
        try #require(ended.state == .succeeded, "\(ended)")
        return try #require(try await connections().last { $0.provider == provider })
    }

    func end(of job: String) async throws -> APIClient.JobView {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let answer = try await send("GET", "/api/v1/jobs/\(job)?wait=10")
            try #require(answer.status == 200, "\(answer.text)")
            let view: APIClient.JobView = try answer.decode()
            if view.state.isTerminal || ContinuousClock.now > deadline { return view }
        }
    }

    func connections() async throws -> [Connection] {
        let answer = try await send("GET", "/api/v1/integrations")
        try #require(answer.status == 200, "\(answer.text)")
        let all: Connections = try answer.decode()
        return all.connections
    }
}
