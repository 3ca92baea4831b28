import HTTPTransport
import TestSupport
import Testing
import Vault

/// What newcomers stumbled over.
@Suite(.serialized, .timeLimit(.minutes(2))) struct FreshUserTests {
    @Test func `who needed all tries to sign up can still sign in`() async throws {
        try await AccountSystem.with(.es256, ["RATE_LIMIT_LOGIN": "5/60"]) { accounts in
            for password in ["a", "12345678", "password1", "qwertyuiop"] {
                let refused = try await accounts.open(
                    "POST", "/auth/register", #"{"email":"ann@example.com","password":"\#(password)"}"#)
                #expect(refused.status == 400 || refused.status == 422, "\(refused.text)")
            }
            _ = try await accounts.register("ann@example.com")
            let sixth = try await accounts.open(
                "POST", "/auth/register", #"{"email":"ann@example.com","password":"\#(AccountSystem.password)"}"#)
            #expect(sixth.status == 429)
            let login = #"{"email":"ann@example.com","password":"\#(AccountSystem.password)"}"#
            for attempt in 1...5 {
                let answer = try await accounts.open("POST", "/auth/jwt/login", login)
                #expect(answer.status != 429, "sign-in \(attempt)")
                let limits = answer.headers.all("ratelimit")
                #expect(limits.count == 1 && limits[0].contains("\"account\";r=\(5 - attempt)"), "\(limits)")
            }
            #expect(try await accounts.open("POST", "/auth/jwt/login", login).status == 429)
        }
    }

    @Test func `a plus in a query is a space`() async throws {
        try await TestSystem.with { system in
            let client = try await system.startGateway().client
            for title in ["Task 2", "Task 3", "C++"] {
                let made = try await client.send("POST", "/api/v1/tasks", body: #"{"title":"\#(title)"}"#)
                #expect(made.status == 201, "\(made.text)")
            }
            for (query, title) in [("task+3", "Task 3"), ("task%203", "Task 3"), ("c%2B%2B", "C++")] {
                let found = try await client.send("GET", "/api/v1/tasks?q=\(query)&limit=5").text
                #expect(found.contains("\"title\":\"\(title)\""), "\(query): \(found)")
            }
        }
    }
}
