import Domain
import Foundation
import HTTPTransport
import Postgres
import TestSupport
import Testing

@testable import Vault

/// A gateway beside servers of others: Supabase, which signs its people in, and one that takes reports of errors.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: SMTPSink.python != nil)) struct OutsideTests {
    private static let secret = "supabase-secret-0123456789-0123456789"

    /// A token as Supabase makes it.
    private static func token(
        of url: String, _ email: String, subject: UUID = UUID(), by key: JSONWebKey, kid: String?, life: Double = 3_600
    ) throws -> String {
        let named = kid.map { #","kid":"\#($0)""# } ?? ""
        let header = #"{"alg":"\#(key.algorithm.rawValue)","typ":"JWT"\#(named)}"#
        let now = Date().timeIntervalSince1970
        let claims = """
            {"iss":"\(url)/auth/v1","aud":"authenticated","sub":"\(subject.uuidString.lowercased())",\
            "role":"authenticated","iat":\(Int(now)),"exp":\(Int(now + life)),"email":"\(email)",\
            "session_id":"\(UUID())","is_anonymous":false,"user_metadata":{"email_verified":true}}
            """
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
        return signed + "." + Base64URL.encode(try key.sign(Array(signed.utf8)))
    }

    @Test func `people of Supabase are let in by its published keys and by its secret, and appear on first sight`()
        async throws
    {
        try await WebSink.with { supabase in
            let first = try await SigningKey.generate(.es256)
            let keys = try SigningKeySet([first])
            try supabase.publish(keys.publicText, at: "auth/v1/.well-known/jwks.json")
            let settings = ["SUPABASE_URL": supabase.url, "SUPABASE_JWT_SECRET": Self.secret]
            try await AccountSystem.with(.es256, settings) { accounts in
                let subject = UUID()
                let token = try Self.token(
                    of: supabase.url, "ann@example.com", subject: subject, by: first.key, kid: first.kid)
                let me = try await accounts.send("GET", "/auth/me", nil, token)
                try #require(me.status == 200, "\(me.text)")
                let user: AccountSystem.User = try me.decode()
                #expect(user.email == "ann@example.com")
                let later = try Self.token(
                    of: supabase.url, "ann@example.com", subject: subject, by: first.key, kid: first.kid)
                let again: AccountSystem.User = try await accounts.send("GET", "/auth/me", nil, later).decode()
                #expect(again.id == user.id, "one person became two")
                let job = try await accounts.send("POST", "/jobs", #"{"kind":"noop"}"#, token)
                #expect(job.status == 202, "\(job.text)")

                let shared = try await JSONWebKey(secret: Array(Self.secret.utf8), name: nil)
                let bob = try Self.token(of: supabase.url, "bob@example.com", by: shared, kid: nil)
                #expect(try await accounts.send("GET", "/auth/me", nil, bob).status == 200)

                // The project rotates its key: the new one is fetched when it is first named.
                let second = try await SigningKey.generate(.es256)
                try supabase.publish(
                    try SigningKeySet([second, first]).publicText, at: "auth/v1/.well-known/jwks.json")
                let rotated = try Self.token(of: supabase.url, "cy@example.com", by: second.key, kid: second.kid)
                var status = 0
                // Keys are not fetched again for every unknown name.
                for _ in 0..<60 where status != 200 {
                    status = try await accounts.send("GET", "/auth/me", nil, rotated).status
                    if status != 200 { try await Task.sleep(for: .seconds(1)) }
                }
                #expect(status == 200)

                let stranger = try await SigningKey.generate(.es256)
                let bad = [
                    try Self.token(of: supabase.url, "eve@example.com", by: stranger.key, kid: first.kid),
                    try Self.token(of: supabase.url, "eve@example.com", by: stranger.key, kid: stranger.kid),
                    try Self.token(of: "http://127.0.0.1:1", "eve@example.com", by: first.key, kid: first.kid),
                    try Self.token(of: supabase.url, "eve@example.com", by: first.key, kid: first.kid, life: -120),
                    try Self.token(of: supabase.url, "eve@example.com", by: shared, kid: first.kid),
                ]
                for token in bad { #expect(try await accounts.send("GET", "/auth/me", nil, token).status == 401) }
                #expect(try await accounts.system.count("SELECT count(*) FROM users") == 3)
            }
        }
    }

    @Test func `an error is reported, without what is nobody's business`() async throws {
        try await WebSink.with { reports in
            let dsn = reports.url.replacing("http://", with: "http://0123456789abcdef0123456789abcdef@") + "/42"
            try await AccountSystem.with(.es256, ["SENTRY_DSN": dsn, "SENTRY_ENVIRONMENT": "test"]) { accounts in
                _ = try await accounts.register("ann@example.com")
                let break_ = Statement("test.break", "ALTER TABLE users RENAME TO people")
                _ = try await accounts.system.owner.execute(break_)
                let answer = try await accounts.open(
                    "POST", "/auth/jwt/login", #"{"email":"ann@example.com","password":"a secret of mine"}"#)
                #expect(answer.status >= 500)
                let report = try #require(try await reports.post(with: "request failed"))
                #expect(report.path == "/api/42/envelope/")
                let request = try #require(answer.headers.first("x-request-id"))
                #expect(report.body.contains(request))
                for secret in ["ann@example.com", "a secret of mine", AccountSystem.secret] {
                    #expect(!report.body.contains(secret))
                }
            }
        }
    }
}
