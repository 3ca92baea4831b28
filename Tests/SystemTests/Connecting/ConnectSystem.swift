import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing
import Vault

/// A gateway that connects accounts, a worker that carries it out, and the simulated providers.
struct ConnectSystem: Sendable {
    let accounts: AccountSystem
    var system: TestSystem { accounts.system }

    /// As browsers are told; they reach the gateway where it is.
    static let publicURL = "https://errand.example.org"
    static let masterKeys = "k1:" + Data((0..<32).map { UInt8($0) }).base64EncodedString()
    static let providers = ["google", "microsoft", "notion", "canvas"]

    /// - Parameter settings: of the gateway, on top of the usual ones.
    static func with(
        _ settings: [String: String] = [:], worker: Bool = true, _ body: @Sendable (ConnectSystem) async throws -> Void
    ) async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID()).json")
        try SigningKeySet([try await SigningKey.generate(.es256)]).write(path: file.path)
        defer { try? FileManager.default.removeItem(at: file) }
        let accounts = [
            "AUTH_SECRET": AccountSystem.secret, "AUTH_KEYS_FILE": file.path, "AUTH_VERIFICATION": "optional",
            "SERVICE_KEYS": "service-key-0123456789",
        ]
        try await TestSystem.with { system in
            let all = accounts.merging(connecting(system)) { $1 }.merging(settings) { $1 }
            let (gateway, client) = try await system.startGateway(all)
            let connecting = ConnectSystem(
                accounts: AccountSystem(
                    system: system, gateway: gateway, client: client,
                    mailed: MailedTokens(try AuthSecrets(AccountSystem.secret)), settings: all))
            for provider in providers { try await connecting.register(at: provider) }
            if worker { _ = try await system.startWorker(queues: "tokens", Self.connecting(system)) }
            try await body(connecting)
        }
    }

    /// What gateway and worker are set to.
    static func connecting(_ system: TestSystem) -> [String: String] {
        var settings = ["MASTER_KEYS": masterKeys, "PUBLIC_URL": publicURL]
        for provider in providers {
            settings["\(provider.uppercased())_CLIENT_ID"] = "errand"
            settings["\(provider.uppercased())_CLIENT_SECRET"] = "errand-secret"
            settings["\(provider.uppercased())_BASE_URL"] = "\(system.providerURL)/\(provider)"
        }
        return settings
    }

    private func register(at provider: String) async throws {
        let body = """
            {"provider":"\(provider)","client_id":"errand","client_secret":"errand-secret",\
            "redirect_uris":["\(Self.publicURL)/api/v1/integrations/callback"]}
            """
        let response = try await system.transport.send(
            HTTPRequest(
                method: "POST", url: "\(system.providerURL)/_simulator/oauth/clients", body: Array(body.utf8)))
        try #require(response.status == 200)
    }

    /// How many tokens a provider would still take.
    func liveTokens(at provider: String) async throws -> Int {
        struct Page: Decodable { var tokens: [Token] }
        struct Token: Decodable {}
        let response = try await system.transport.send(
            HTTPRequest(url: "\(system.providerURL)/_simulator/oauth/tokens?provider=\(provider)&live=true"))
        let body = try await response.body.collect(upTo: 1 << 20)
        return try JSONDecoder().decode(Page.self, from: Data(body)).tokens.count
    }

    /// A call of the simulator's controls.
    func simulate(_ method: String, _ path: String, _ body: String? = nil) async throws {
        let response = try await system.transport.send(
            HTTPRequest(
                method: method, url: "\(system.providerURL)/_simulator/oauth/\(path)", body: body.map { Array($0.utf8) }
            ))
        try #require((200..<300).contains(response.status))
    }

    func jobCount(_ kind: String) async throws -> Int {
        try await system.count("SELECT count(*) FROM jobs WHERE kind = '\(kind)'")
    }

    /// Somebody with an account, at a browser in which they have signed in.
    func person(_ email: String) async throws -> Browser {
        _ = try await accounts.register(email)
        let browser = Browser(self)
        try await browser.signIn(email)
        return browser
    }
}
