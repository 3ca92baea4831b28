import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing
import Vault

/// A gateway with accounts, and what a test does as people.
struct AccountSystem: Sendable {
    let system: TestSystem
    let gateway: ServerProcess
    let client: APIClient
    let mailed: MailedTokens
    let settings: [String: String]

    static let secret = "test-secret-0123456789-0123456789-0123456789"
    static let password = "correct horse battery"

    /// - Parameters:
    ///   - algorithm: of the key that signs.
    ///   - settings: on top of the usual ones.
    static func with(
        _ algorithm: SignatureAlgorithm = .es256, _ settings: [String: String] = [:], redisURL: String? = nil,
        _ body: @Sendable (AccountSystem) async throws -> Void
    ) async throws {
        try await TestSystem.with(redisURL: redisURL) { try await with(algorithm, settings, in: $0, body) }
    }

    static func with(
        _ algorithm: SignatureAlgorithm = .es256, _ settings: [String: String] = [:], in system: TestSystem,
        _ body: (AccountSystem) async throws -> Void
    ) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID()).json")
        try SigningKeySet([try await SigningKey.generate(algorithm)]).write(path: file.path)
        defer { try? FileManager.default.removeItem(at: file) }
        let accounts = ["AUTH_SECRET": secret, "AUTH_KEYS_FILE": file.path].merging(settings) { $1 }
        let (gateway, client) = try await system.startGateway(accounts)
        try await body(
            AccountSystem(
                system: system, gateway: gateway, client: client, mailed: MailedTokens(try AuthSecrets(secret)),
                settings: accounts))
    }

    struct User: Decodable {
        var id: UserID
        var email: String
        var is_verified: Bool
    }

    struct Tokens: Decodable, Equatable {
        var access_token: String
        var refresh_token: String
    }

    struct Problem: Decodable {
        var code: String
        var detail: String
        var reason: String?
    }

    /// Without credentials.
    func open(_ method: String, _ path: String, _ body: String? = nil) async throws -> APIClient.Answer {
        try await send(method, path, body, nil)
    }

    /// - Parameter token: sent as `Authorization: Bearer`.
    func send(
        _ method: String, _ path: String, _ body: String? = nil, _ token: String?,
        headers: [(name: String, value: String)] = []
    ) async throws -> APIClient.Answer {
        var all = headers
        if let token { all.append((name: "Authorization", value: "Bearer \(token)")) }
        if body != nil { all.append((name: "Content-Type", value: "application/json")) }
        let response = try await client.transport.send(
            HTTPRequest(
                method: method, url: client.base + "/api/v1" + path, headers: all, body: body.map { Array($0.utf8) }))
        return APIClient.Answer(
            status: response.status, headers: response.headers, body: try await response.body.collect(upTo: 1 << 20))
    }

    func register(_ email: String, password: String = password) async throws -> User {
        let answer = try await open("POST", "/auth/register", #"{"email":"\#(email)","password":"\#(password)"}"#)
        try #require(answer.status == 201, "\(answer.text)")
        return try answer.decode()
    }

    func verify(_ user: User) async throws -> APIClient.Answer {
        let token = mailed.verification(user: user.id.uuid, email: user.email)
        return try await open("POST", "/auth/verify", #"{"token":"\#(token)"}"#)
    }

    func login(_ email: String, _ password: String = password) async throws -> APIClient.Answer {
        try await open("POST", "/auth/jwt/login", #"{"email":"\#(email)","password":"\#(password)"}"#)
    }

    /// Somebody who has signed up, read the mail and signed in.
    func person(_ email: String) async throws -> (user: User, tokens: Tokens) {
        let user = try await register(email)
        let verified = try await verify(user)
        try #require(verified.status == 200, "\(verified.text)")
        let answer = try await login(email)
        try #require(answer.status == 200, "\(answer.text)")
        return (user, try answer.decode())
    }

    func refresh(_ token: String) async throws -> APIClient.Answer {
        try await open("POST", "/auth/refresh", #"{"refresh_token":"\#(token)"}"#)
    }

    /// The status of asking who one is.
    func statusOfMe(_ token: String) async throws -> Int { try await send("GET", "/auth/me", nil, token).status }
}
