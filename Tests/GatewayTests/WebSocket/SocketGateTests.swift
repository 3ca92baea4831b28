import Domain
import Foundation
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import APIGateway

/// Who may have a socket, for how long, and what it may do there.
@Suite struct SocketGateTests {
    private final class Switch: Sendable {
        private let mutex = Mutex(true)
        var isOn: Bool { mutex.withLock { $0 } }
        func turnOff() { mutex.withLock { $0 = false } }
    }

    private static let user = UserID.make()

    private static func principal(_ permissions: Permissions = .all, _ user: UserID = user) -> Principal {
        Principal(actor: .user(user, session: .make()), tenant: TenantID(user), permissions: permissions)
    }

    /// Tokens are words: `life:` and the seconds of a life, or the name of another person.
    private static func gate(
        permissions: Permissions = .all, stillValid: @Sendable @escaping () throws -> Bool = { true }
    ) -> SocketGate {
        SocketGate(
            authenticate: { head, _ in
                if head.headerFields[.cookie] != nil { return .init(principal: principal(permissions)) }
                switch head.headerFields[.authorization]?.split(separator: " ").last {
                case "other": return .init(principal: principal(permissions, .make()))
                case let token? where token.hasPrefix("life:"):
                    let seconds = Double(token.dropFirst(5)) ?? 0
                    var principal = principal(permissions)
                    principal.expiresAt = Date(timeIntervalSinceNow: seconds)
                    return .init(principal: principal)
                case "company":
                    guard head.headerFields[.xCompanyID] == "c" else { throw Problem.notFound("company") }
                    return .init(principal: principal(permissions))
                default: throw Problem.unauthenticated
                }
            }, stillValid: { _ in try stillValid() }, origins: AllowedOrigins(["https://app.example"]))
    }

    private static let quick: SocketLimits = {
        var limits = SocketLimits()
        (limits.authenticateSeconds, limits.checkSeconds) = (1, 1)
        return limits
    }()

    @Test func `a socket lives as long as its credential, unless the client brings a newer one`() async throws {
        try await SocketServer.with(Self.gate(), limits: Self.quick) { base, _ in
            let short = try await SocketClient.open(base, key: "life:2")
            let longer = try await SocketClient.open(base, key: "life:2")
            #expect(try await longer.message().type == "welcome")
            longer.send(#"{"type":"authenticate","id":"a","token":"life:60"}"#)
            #expect(try await longer.message().id == "a")
            // Nobody takes over a socket.
            longer.send(#"{"type":"authenticate","token":"other"}"#)
            #expect(try await longer.message().problem?.code == "another_principal")
            #expect(await short.closeCode() == 4401)
            longer.send(#"{"type":"ping","id":"p"}"#)
            #expect(try await longer.message().id == "p")
        }
    }

    @Test func `a credential that was revoked ends its socket; one that cannot be checked does not`() async throws {
        struct Away: Error {}
        let session = Switch()
        let store = Switch()
        let gate = Self.gate {
            if !store.isOn { throw Away() }
            return session.isOn
        }
        try await SocketServer.with(gate, limits: Self.quick) { base, _ in
            let socket = try await SocketClient.open(base, key: "life:60")
            #expect(try await socket.message().type == "welcome")
            session.turnOff()
            #expect(await socket.closeCode() == 4401)
            store.turnOff()
            let other = try await SocketClient.open(base, key: "life:3")
            #expect(try await other.message().type == "welcome")
            let opened = ContinuousClock.now
            #expect(await other.closeCode() == 4401)
            #expect(ContinuousClock.now - opened > .milliseconds(2500), "closed before its own end")
        }
    }

    @Test func `a cookie opens a socket for pages of the own and of allowed origins alone`() async throws {
        try await SocketServer.with(Self.gate()) { base, _ in
            func status(_ origin: String?) async throws -> Int {
                var headers = ["Cookie": "x=y; __Host-errand-session=est_1"]
                headers["Origin"] = origin
                return try await SocketClient.connect(base, headers: headers).status
            }
            let host = base.dropFirst("http://".count)
            for origin in [base, "https://\(host)", "https://app.example", "HTTPS://APP.EXAMPLE"] {
                let answer = try await status(origin)
                #expect(answer == 101, "\(origin)")
            }
            let foreign = [
                nil, "null", "", "https://evil.example", "https://app.example.evil.example", "http://app.example",
                "https://app.example:444", "\(base).evil.example", "https://",
            ]
            for origin in foreign {
                let answer = try await status(origin)
                #expect(answer == 403, "\(origin ?? "none")")
            }
        }
    }

    @Test func `the workspace is a header, a query, or part of the first message`() async throws {
        try await SocketServer.with(Self.gate(), limits: Self.quick) { base, _ in
            let bearer = ["Authorization": "Bearer company"]
            #expect(try await SocketClient.connect(base, headers: bearer).status == 404)
            #expect(
                try await SocketClient.connect(base, headers: bearer.merging(["X-Company-Id": "c"]) { $1 }).status
                    == 101)
            #expect(
                try await SocketClient.connect(base, path: "/api/v1/ws?company_id=c", headers: bearer).status == 101)
            let socket = try await SocketClient.connect(base)
            socket.start()
            socket.send(#"{"type":"authenticate","token":"company","company_id":"c"}"#)
            #expect(try await socket.message().type == "welcome")
        }
    }

    @Test func `messages need the permissions that requests need`() async throws {
        try await SocketServer.with(Self.gate(permissions: .reading)) { base, engine in
            let job = try await engine.accept(tenant: TenantID(Self.user))
            let socket = try await SocketClient.open(base, key: "life:60")
            #expect(try await socket.message().type == "welcome")
            for text in [#""post","job":{"kind":"noop"}"#, #""cancel","job":"\#(job.id)""#] {
                socket.send(#"{"type":\#(text)}"#)
                #expect(try await socket.message().problem?.code == "not_permitted")
            }
            socket.send(#"{"type":"follow","job":"\#(job.id)"}"#)
            #expect(try await socket.message().type == "following")
        }
        try await SocketServer.with(Self.gate(permissions: [.writeJobs])) { base, engine in
            let job = try await engine.accept(tenant: TenantID(Self.user))
            let socket = try await SocketClient.open(base, key: "life:60")
            #expect(try await socket.message().type == "welcome")
            socket.send(#"{"type":"follow","job":"\#(job.id)"}"#)
            #expect(try await socket.message().problem?.code == "not_permitted")
            socket.send(#"{"type":"post","job":{"kind":"noop"}}"#)
            #expect(try await socket.message().status == 202)
        }
    }

    @Test func `strangers are counted by address, and as people once they have said who they are`() async throws {
        var limits = SocketLimits()
        (limits.strangersOfOne, limits.socketsOfOne) = (2, 1)
        try await SocketServer.with(Self.gate(), limits: limits) { base, _ in
            var sockets: [SocketClient] = []
            for _ in 0..<2 { sockets.append(try await SocketClient.connect(base)) }
            #expect(try await SocketClient.connect(base).status == 429)
            for socket in sockets {
                socket.start()
                socket.send(#"{"type":"authenticate","token":"life:60"}"#)
            }
            var answers: [String] = []
            for socket in sockets { answers.append(try await socket.message().type) }
            #expect(answers.sorted() == ["error", "welcome"])
            let refused = sockets[answers.firstIndex(of: "error") ?? 0]
            #expect(await refused.closeCode() == 1013)
            #expect(try await SocketClient.connect(base).status == 101)
        }
    }

    @Test func `a socket may be a connection's second request, and a refused one is its last`() async throws {
        try await SocketServer.with(Self.gate()) { base, _ in
            let request = "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
            let socket = try await SocketClient.connect(base, path: "/nothing", without: ["Upgrade", "Connection"])
            #expect(socket.status == 404)
            socket.send(bytes: Array(request.utf8))
            let wanted = "GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            socket.send(bytes: Array((wanted + "Sec-WebSocket-Version: 8\r\n\r\n").utf8))
            let rest = try await socket.readToEnd()
            #expect(rest.components(separatedBy: "HTTP/1.1 404").count == 2)
            #expect(rest.contains("HTTP/1.1 426"))
            let second = try await SocketClient.connect(base, path: "/nothing", without: ["Upgrade", "Connection"])
            let fields = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            second.send(bytes: Array((wanted + fields + "Authorization: Bearer life:2\r\n\r\n").utf8))
            let all = try await second.readToEnd()
            #expect(all.contains("HTTP/1.1 101") && all.contains(#"{"type":"welcome""#))
        }
    }
}
