import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing

/// Who may connect, and who gets a token in plain text.
@Suite(.serialized, .timeLimit(.minutes(6))) struct TokenTests {
    private struct Key: Decodable { var key: String }

    private static func key(_ scopes: [String], of browser: Browser) async throws -> String {
        let list = scopes.map { "\"\($0)\"" }.joined(separator: ",")
        let answer = try await browser.send("POST", "/api/v1/keys", #"{"name":"agent","scopes":[\#(list)]}"#)
        try #require(answer.status == 201, "\(answer.text)")
        let key: Key = try answer.decode()
        return key.key
    }

    @Test func `tokens are given to nobody unless it is on, then to keys with the scope, and each is noted`()
        async throws
    {
        try await ConnectSystem.with { connecting in
            let accounts = connecting.accounts
            let ada = try await connecting.person("ada@example.com")
            let made = try await ada.connectToTheEnd("google")
            let path = "/tokens/connections/\(made.id)/token"
            let (plain, disclosing) = (
                try await Self.key(["connections:read", "connections:write"], of: ada),
                try await Self.key(["tokens:disclose"], of: ada)
            )
            for key in [plain, disclosing, accounts.client.key] {
                let answer = try await accounts.send("POST", path, nil, key)
                let problem: AccountSystem.Problem = try answer.decode()
                #expect(answer.status == 403 && problem.code == "tokens_off")
            }
            let on = accounts.settings.merging(["AGENT_TOKENS": "on"]) { $1 }
            let (gateway, client) = try await connecting.system.startGateway(on)
            let open = AccountSystem(
                system: accounts.system, gateway: gateway, client: client, mailed: accounts.mailed, settings: on)
            for key in [plain, client.key] {
                let answer = try await open.send("POST", path, nil, key)
                let problem: AccountSystem.Problem = try answer.decode()
                #expect(answer.status == 403 && problem.code == "not_permitted")
            }
            let noted = "SELECT count(*) FROM audit_events WHERE action = 'connection.token_disclosed'"
            #expect(try await connecting.system.count(noted) == 0)
            let given = try await open.send("POST", path, nil, disclosing)
            #expect(given.status == 200 && given.headers.first("cache-control") == "no-store")
            struct Token: Decodable {
                var access_token: String
                var token_type: String
            }
            let token: Token = try given.decode()
            #expect(token.token_type == "Bearer" && !token.access_token.isEmpty)
            #expect(try await connecting.system.count(noted) == 1)
            #expect(!gateway.lines.contains { $0.contains(token.access_token) })
            let rows = "SELECT count(*) FROM jobs WHERE jobs::text LIKE '%\(token.access_token)%'"
            #expect(try await connecting.system.count(rows) == 0)
            // The key opens nothing else.
            #expect(try await open.send("GET", "/tokens/connections", nil, disclosing).status == 403)
            let person = try await accounts.login("ada@example.com")
            let tokens: AccountSystem.Tokens = try person.decode()
            #expect(try await open.send("POST", path, nil, tokens.access_token).status == 403)
        }
    }

    @Test func `a key that reads does not connect, check or disconnect`() async throws {
        try await ConnectSystem.with(worker: false) { connecting in
            let accounts = connecting.accounts
            let ada = try await connecting.person("ada@example.com")
            let key = try await Self.key(["connections:read"], of: ada)
            let id = ConnectionID.make()
            #expect(try await accounts.send("GET", "/integrations", nil, key).status == 200)
            for (method, path) in [
                ("POST", "/integrations/google/connect"), ("DELETE", "/integrations/\(id)"),
                ("POST", "/integrations/\(id)/check"), ("POST", "/tokens/connections/\(id)/refresh"),
                ("DELETE", "/tokens/connections/\(id)"),
            ] {
                #expect(try await accounts.send(method, path, nil, key).status == 403, "\(method) \(path)")
            }
        }
    }

    @Test func `connecting counts like signing in`() async throws {
        try await ConnectSystem.with(["RATE_LIMIT_LOGIN": "5/60"], worker: false) { connecting in
            let accounts = connecting.accounts
            var statuses: [Int] = []
            for _ in 0..<6 {
                let key = accounts.client.key
                statuses.append(try await accounts.send("POST", "/integrations/google/connect", "{}", key).status)
            }
            #expect(statuses == [200, 200, 200, 200, 200, 429])
        }
    }

    @Test func `the sweep is started with a service key`() async throws {
        try await ConnectSystem.with { connecting in
            let accounts = connecting.accounts
            let answer = try await accounts.send("POST", "/sweeps/tokens", nil, "service-key-0123456789")
            #expect(answer.status == 202, "\(answer.text)")
            let job: APIClient.JobView = try answer.decode()
            let client = accounts.client
            let operators = APIClient(transport: client.transport, base: client.base, key: "service-key-0123456789")
            #expect(try await operators.end(of: job.id).state == .succeeded)
            #expect(try await accounts.send("POST", "/sweeps/tokens", nil, accounts.client.key).status == 403)
        }
    }
}
