import Foundation
import HTTPTransport
import TestSupport
import Testing

@Suite struct CookieTests {
    /// The cookies of an answer, as a browser would send them back.
    private static func cookies(_ answer: APIClient.Answer) -> [String: String] {
        var cookies: [String: String] = [:]
        for value in answer.headers.all("set-cookie") {
            let pair = value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { cookies[String(pair[0])] = String(pair[1]) }
        }
        return cookies
    }

    @Test func `a browser signs in by cookie, and forged requests are refused`() async throws {
        try await AccountSystem.with { accounts in
            _ = try await accounts.person("ada@example.com")
            let login = try await accounts.open(
                "POST", "/auth/jwt/login",
                #"{"email":"ada@example.com","password":"\#(AccountSystem.password)","cookie":true}"#)
            #expect(login.status == 200)
            for value in login.headers.all("set-cookie") {
                #expect(value.hasPrefix("__Host-"))
                for part in ["Path=/", "Secure", "SameSite=Lax"] { #expect(value.contains(part)) }
                #expect(value.contains("HttpOnly") == value.hasPrefix("__Host-errand-session="))
                #expect(!value.contains("Domain"))
            }
            let jar = Self.cookies(login)
            let csrf = try #require(jar["__Host-errand-csrf"])
            let header = jar.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
            func post(_ more: [(name: String, value: String)]) async throws -> Int {
                try await accounts.send(
                    "POST", "/jobs", #"{"kind":"noop"}"#, nil,
                    headers: [(name: "Cookie", value: header)] + more
                ).status
            }
            let me = try await accounts.send("GET", "/auth/me", nil, nil, headers: [(name: "Cookie", value: header)])
            #expect(me.status == 200)
            let own = (name: "Origin", value: accounts.client.base)
            let token = (name: "X-CSRF-Token", value: csrf)
            #expect(try await post([own, token]) == 202)
            #expect(try await post([(name: "Sec-Fetch-Site", value: "same-origin"), token]) == 202)
            #expect(try await post([own]) == 403)
            #expect(try await post([token]) == 403)
            #expect(try await post([(name: "Origin", value: "https://evil.example"), token]) == 403)
            #expect(try await post([(name: "Sec-Fetch-Site", value: "cross-site"), token]) == 403)
            #expect(try await post([own, (name: "X-CSRF-Token", value: csrf + "x")]) == 403)
            let out = try await accounts.send(
                "POST", "/auth/jwt/logout", nil, nil, headers: [(name: "Cookie", value: header), own, token])
            #expect(out.status == 204)
            #expect(try await post([own, token]) == 401)
        }
    }

    @Test func `a CSRF token of another session is refused`() async throws {
        try await AccountSystem.with { accounts in
            _ = try await accounts.person("ada@example.com")
            _ = try await accounts.person("eve@example.com")
            func signIn(_ email: String) async throws -> [String: String] {
                let body = #"{"email":"\#(email)","password":"\#(AccountSystem.password)","cookie":true}"#
                return Self.cookies(try await accounts.open("POST", "/auth/jwt/login", body))
            }
            let (ada, eve) = (try await signIn("ada@example.com"), try await signIn("eve@example.com"))
            let session = try #require(ada["__Host-errand-session"])
            let planted = try #require(eve["__Host-errand-csrf"])
            let cookie = "__Host-errand-session=\(session); __Host-errand-csrf=\(planted)"
            let answer = try await accounts.send(
                "POST", "/jobs", #"{"kind":"noop"}"#, nil,
                headers: [
                    (name: "Cookie", value: cookie), (name: "X-CSRF-Token", value: planted),
                    (name: "Origin", value: accounts.client.base),
                ])
            #expect(answer.status == 403)
        }
    }
}
