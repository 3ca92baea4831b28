import Domain
import Foundation
import Providers
import Testing

@Suite(.timeLimit(.minutes(1))) struct MicrosoftOAuthTests {
    private static let tenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

    private static func claims(_ more: String = "", iss: String = "https://login.microsoftonline.com/\(tenant)/v2.0")
        -> String
    {
        let end = Int(noon.timeIntervalSince1970) + 3600
        return #"{"iss":"\#(iss)","aud":"errand-id","sub":"pairwise","oid":"0000-ada","tid":"\#(tenant)","#
            + #""name":"Ada L","preferred_username":"ada@contoso.com","exp":\#(end)\#(more)}"#
    }

    private static func tokens(_ idToken: String? = nil, refresh: String = "M.R3") -> String {
        let identity = idToken.map { #","id_token":"\#($0)""# } ?? ""
        return #"{"token_type":"Bearer","scope":"Calendars.ReadWrite openid profile email","expires_in":4871,"#
            + #""ext_expires_in":4871,"access_token":"EwB","refresh_token":"\#(refresh)"\#(identity)}"#
    }

    @Test func `a code is exchanged, and the account is object and directory`() async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens(idToken(Self.claims()))) }
        let grant = try await MicrosoftOAuth(server).exchange(code)
        #expect(grant.scopes == ["Calendars.ReadWrite", "openid", "profile", "email"])
        #expect(grant.expiresInSeconds == 4871)
        #expect(
            grant.account
                == ProviderAccount(id: "0000-ada.\(Self.tenant)", name: "Ada L", email: "ada@contoso.com"))
        let request = try #require(server.requests.first)
        #expect(request.path == "/base/common/oauth2/v2.0/token")
        #expect(
            request.form == [
                "grant_type": "authorization_code", "code": "4/code", "code_verifier": "verifier",
                "redirect_uri": "https://errand.example.com/callback/x", "client_id": "errand-id",
                "client_secret": "s3cret+/=",
            ])
    }

    @Test func `an address of its own is taken before the name to sign in by`() async throws {
        let server = try ProviderServer { _ in
            .answer(Self.tokens(idToken(Self.claims(#","email":"ada@example.com""#))))
        }
        #expect(try await MicrosoftOAuth(server).exchange(code).account?.email == "ada@example.com")
    }

    @Test func `a stand-in signs as itself, nobody else does`() async throws {
        let server = try ProviderServer { request in
            let host = request.headers["host"] ?? ""
            let issuer = request.form["code"] == "own" ? "http://\(host)/base" : "https://evil.example"
            return .answer(Self.tokens(idToken(Self.claims(iss: "\(issuer)/\(Self.tenant)/v2.0"))))
        }
        var grant = code
        grant.code = "own"
        #expect(try await MicrosoftOAuth(server).exchange(grant).account != nil)
        grant.code = "other"
        let failure = try await thrownFailure { _ = try await MicrosoftOAuth(server).exchange(grant) }
        #expect(failure.code == "exchange_unknown")
    }

    @Test func `a renewal asks for the next refresh token along with the granted scopes`() async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens(refresh: "M.R4")) }
        let scopes = ["Calendars.ReadWrite", "openid", "profile", "email"]
        let grant = try await MicrosoftOAuth(server).renew(RenewalGrant(refreshToken: "M.R3", scopes: scopes))
        #expect(grant.refreshToken == "M.R4")
        #expect(grant.scopes == scopes)
        #expect(
            server.requests.first?.form == [
                "grant_type": "refresh_token", "refresh_token": "M.R3", "client_id": "errand-id",
                "client_secret": "s3cret+/=", "scope": "openid email profile offline_access Calendars.ReadWrite",
            ])
    }

    @Test func `nothing is sent to revoke, for there is nowhere to send it`() async throws {
        let server = try ProviderServer { _ in .answer("{}") }
        try await MicrosoftOAuth(server).revoke(RevocationGrant(accessToken: "a", refreshToken: "r"))
        #expect(server.requests.isEmpty)
    }
}
