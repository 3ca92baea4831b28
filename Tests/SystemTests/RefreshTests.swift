import Domain
import Foundation
import TestSupport
import Testing
import Vault

@Suite struct RefreshTests {
    typealias Tokens = AccountSystem.Tokens
    typealias Problem = AccountSystem.Problem

    @Test func `a thousand refreshes of one session at once log nobody out, and a stolen old token ends it`()
        async throws
    {
        try await AccountSystem.with { accounts in
            let (_, tokens) = try await accounts.person("ada@example.com")
            let answers = try await withThrowingTaskGroup(of: Tokens.self) { group in
                for _ in 0..<1000 {
                    group.addTask {
                        var answer = try await accounts.refresh(tokens.refresh_token)
                        // So many at once may be shed: whoever is told to come again does.
                        for _ in 0..<100 where answer.status == 503 {
                            try await Task.sleep(for: .milliseconds(100))
                            answer = try await accounts.refresh(tokens.refresh_token)
                        }
                        try #require(answer.status == 200, "\(answer.text)")
                        return try answer.decode(Tokens.self)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 1000)
            #expect(Set(answers.map(\.refresh_token)).count == 1)
            let newest = try #require(answers.first)
            #expect(try await accounts.statusOfMe(newest.access_token) == 200)
            let next = try (try await accounts.refresh(newest.refresh_token)).decode(Tokens.self)
            // Two generations old: whoever has it has a copy.
            let stolen = try await accounts.refresh(tokens.refresh_token)
            #expect(stolen.status == 400)
            #expect(try stolen.decode(Problem.self).code == "refresh_token_already_used")
            #expect(try await accounts.statusOfMe(next.access_token) == 401)
            let owner = try await accounts.refresh(next.refresh_token)
            #expect(try owner.decode(Problem.self).code == "session_expired")
        }
    }

    @Test func `a client that did not get its answer asks again with the old token`() async throws {
        try await AccountSystem.with(.es256, ["AUTH_REFRESH_GRACE_SECONDS": "60"]) { accounts in
            var (_, tokens) = try await accounts.person("ada@example.com")
            for _ in 0..<10 {
                _ = try await accounts.refresh(tokens.refresh_token)
                let again = try await accounts.refresh(tokens.refresh_token)
                #expect(again.status == 200)
                tokens = try again.decode(Tokens.self)
            }
            #expect(try await accounts.statusOfMe(tokens.access_token) == 200)
        }
    }

    @Test func `a token that was replaced longer ago than the grace period ends the session`() async throws {
        try await AccountSystem.with(.es256, ["AUTH_REFRESH_GRACE_SECONDS": "0"]) { accounts in
            let (_, tokens) = try await accounts.person("ada@example.com")
            #expect(try await accounts.refresh(tokens.refresh_token).status == 200)
            let late = try await accounts.refresh(tokens.refresh_token)
            #expect(try late.decode(Problem.self).code == "refresh_token_already_used")
        }
    }

    @Test func `tokens of other secrets, keys, kinds and sessions are refused`() async throws {
        try await AccountSystem.with { accounts in
            let (user, tokens) = try await accounts.person("ada@example.com")
            let foreign = RefreshTokens(try AuthSecrets("another-secret-0123456789-0123456789"))
            let forged = foreign.text(user: user.id.uuid, session: UUID(), generation: 0)
            let own = RefreshTokens(try AuthSecrets(AccountSystem.secret))
            let unknown = own.text(user: user.id.uuid, session: UUID(), generation: 0)
            for (token, code) in [
                (forged, "refresh_token_not_found"), (unknown, "session_not_found"),
                (tokens.access_token, "refresh_token_not_found"), ("", "refresh_token_not_found"),
            ] {
                let answer = try await accounts.refresh(token)
                #expect(answer.status == 400)
                #expect(try answer.decode(Problem.self).code == code)
            }
            let keys = SigningKeys(try SigningKeySet([try await SigningKey.generate(.es256)]))
            let stranger = try AccessTokens(keys: keys).issue(user: user.id.uuid, session: UUID())
            for token in [stranger.text, tokens.refresh_token, tokens.access_token + "x", "a.b.c", "errand_no_key"] {
                let status = try await accounts.statusOfMe(token)
                #expect(status == 401)
            }
            #expect(try await accounts.statusOfMe(tokens.access_token) == 200)
        }
    }
}
