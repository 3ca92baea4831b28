import Domain
import Foundation
import Providers
import Testing

@Suite(.timeLimit(.minutes(1))) struct GoogleOAuthTests {
    private static func claims(
        iss: String = "https://accounts.google.com", aud: String = "errand-id", expiresIn: Int = 3599
    ) -> String {
        let end = Int(noon.timeIntervalSince1970) + expiresIn
        return #"{"iss":"\#(iss)","aud":"\#(aud)","sub":"1087","email":"ada@example.com","#
            + #""email_verified":true,"name":"Ada L","exp":\#(end)}"#
    }

    private static func tokens(_ more: String = "", idToken: String? = idToken(claims())) -> String {
        let identity = idToken.map { #","id_token":"\#($0)""# } ?? ""
        return #"{"access_token":"ya29.a","expires_in":3599,"token_type":"Bearer"\#(more)\#(identity)}"#
    }

    private static let granted =
        #","refresh_token":"1//r","scope":"openid https://www.googleapis.com/auth/calendar.events""#

    @Test func `a code is exchanged for tokens, the scopes granted and the account`() async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens(Self.granted)) }
        let grant = try await GoogleOAuth(server).exchange(code)
        #expect(grant.accessToken == "ya29.a")
        #expect(grant.refreshToken == "1//r")
        #expect(grant.expiresInSeconds == 3599)
        #expect(grant.refreshExpiresInSeconds == nil)
        #expect(grant.scopes == ["openid", "https://www.googleapis.com/auth/calendar.events"])
        #expect(grant.account == ProviderAccount(id: "1087", name: "Ada L", email: "ada@example.com"))
        let request = try #require(server.requests.first)
        #expect(server.requests.count == 1)
        #expect(request.method == "POST")
        #expect(request.path == "/base/token")
        #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
        #expect(request.headers["authorization"] == nil)
        #expect(
            request.form == [
                "grant_type": "authorization_code", "code": "4/code", "code_verifier": "verifier",
                "redirect_uri": "https://errand.example.com/callback/x", "client_id": "errand-id",
                "client_secret": "s3cret+/=",
            ])
    }

    @Test func `access for a time says when the refresh token ends`() async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens(#","refresh_token_expires_in":604799"#)) }
        let grant = try await GoogleOAuth(server).exchange(code)
        #expect(grant.refreshExpiresInSeconds == 604_799)
    }

    @Test func `without an id token the account stays unknown`() async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens(Self.granted, idToken: nil)) }
        #expect(try await GoogleOAuth(server).exchange(code).account == nil)
    }

    @Test(arguments: [
        idToken(claims(aud: "somebody-else")), idToken(claims(iss: "https://evil.example")),
        idToken(claims(expiresIn: -301)), "no token",
    ])
    func `an id token that is not ours spoils the exchange`(idToken: String) async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens(Self.granted, idToken: idToken)) }
        let failure = try await thrownFailure { _ = try await GoogleOAuth(server).exchange(code) }
        #expect(failure.code == "exchange_unknown")
    }

    @Test func `Google's name without its scheme is Google's name`() async throws {
        let claims = Self.claims(iss: "accounts.google.com")
        let server = try ProviderServer { _ in .answer(Self.tokens(idToken: idToken(claims))) }
        #expect(try await GoogleOAuth(server).exchange(code).account?.id == "1087")
    }

    @Test func `a renewal keeps the refresh token, and the scopes when none are named`() async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens(idToken: nil)) }
        let grant = try await GoogleOAuth(server).renew(RenewalGrant(refreshToken: "1//r", scopes: ["a", "b"]))
        #expect(grant == TokenGrant(accessToken: "ya29.a", expiresInSeconds: 3599, scopes: ["a", "b"]))
        #expect(
            server.requests.map(\.form) == [
                [
                    "grant_type": "refresh_token", "refresh_token": "1//r", "client_id": "errand-id",
                    "client_secret": "s3cret+/=",
                ]
            ])
    }

    @Test func `a renewal's scopes are as granted, also when they have become fewer`() async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens(#","scope":"a""#, idToken: nil)) }
        let grant = try await GoogleOAuth(server).renew(RenewalGrant(refreshToken: "1//r", scopes: ["a", "b"]))
        #expect(grant.scopes == ["a"])
    }

    @Test func `the refresh token is revoked, which ends the whole grant`() async throws {
        let server = try ProviderServer { _ in .answer("{}") }
        try await GoogleOAuth(server).revoke(RevocationGrant(accessToken: "a", refreshToken: "1//r"))
        try await GoogleOAuth(server).revoke(RevocationGrant(accessToken: "a", refreshToken: nil))
        try await GoogleOAuth(server).revoke(RevocationGrant(accessToken: nil, refreshToken: nil))
        #expect(server.requests.map(\.path) == ["/base/revoke", "/base/revoke"])
        #expect(server.requests.map(\.form) == [["token": "1//r"], ["token": "a"]])
    }

    @Test func `what is revoked already is success, anything else is not`() async throws {
        let answers = ["invalid_token": 400, "invalid_request": 400, "temporarily_unavailable": 503]
        let server = try ProviderServer { request in
            let error = request.form["token"] ?? ""
            return .answer(#"{"error":"\#(error)"}"#, status: answers[error] ?? 500)
        }
        let google = GoogleOAuth(server)
        try await google.revoke(RevocationGrant(accessToken: nil, refreshToken: "invalid_token"))
        for (token, code) in [
            ("invalid_request", "invalid_request"), ("temporarily_unavailable", "provider_unavailable"),
        ] {
            let grant = RevocationGrant(accessToken: nil, refreshToken: token)
            #expect(try await thrownFailure { try await google.revoke(grant) }.code == code)
        }
    }
}
