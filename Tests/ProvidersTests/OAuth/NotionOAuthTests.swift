import Domain
import Foundation
import Providers
import Testing

@Suite(.timeLimit(.minutes(1))) struct NotionOAuthTests {
    private static func tokens(_ more: String = "", refresh: String = "nrt_1") -> String {
        #"{"access_token":"ntn_1","token_type":"bearer","refresh_token":"\#(refresh)","#
            + #""bot_id":"b3414d65","workspace_id":"a5c1","workspace_name":"Ada's","workspace_icon":null,"#
            + #""duplicated_template_id":null,"request_id":"r"\#(more)}"#
    }

    private static let owner =
        #","owner":{"type":"user","user":{"object":"user","id":"u","person":{"email":"ada@example.com"}}}"#

    private var code: CodeGrant {
        CodeGrant(
            code: "c0de", codeVerifier: "verifier", redirectURI: "https://errand.example.com/cb", features: ["pages"])
    }

    @Test func `a code is exchanged with Basic and JSON for a workspace's bot`() async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens(Self.owner)) }
        let grant = try await NotionOAuth(server).exchange(code)
        #expect(
            grant
                == TokenGrant(
                    accessToken: "ntn_1", refreshToken: "nrt_1",
                    account: ProviderAccount(id: "b3414d65", name: "Ada's", email: "ada@example.com")))
        let request = try #require(server.requests.first)
        #expect(request.path == "/base/v1/oauth/token")
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["authorization"] == "Basic " + Data("errand-id:s3cret+/=".utf8).base64EncodedString())
        #expect(request.headers["notion-version"] == "2025-09-03")
        #expect(
            request.json == [
                "grant_type": "authorization_code", "code": "c0de", "code_verifier": "verifier",
                "redirect_uri": "https://errand.example.com/cb",
            ])
    }

    @Test(arguments: [#","owner":{"type":"workspace","workspace":true}"#, ""])
    func `a workspace that owns its integration has no address`(owner: String) async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens(owner)) }
        let account = try await NotionOAuth(server).exchange(code).account
        #expect(account == ProviderAccount(id: "b3414d65", name: "Ada's"))
    }

    @Test func `a renewal brings both tokens anew, each time on a connection of its own`() async throws {
        let server = try ProviderServer { request in
            .answer(Self.tokens(refresh: (request.json["refresh_token"] ?? "") + "+"))
        }
        let notion = NotionOAuth(server)
        let first = try await notion.renew(RenewalGrant(refreshToken: "nrt_1", scopes: []))
        let second = try await notion.renew(RenewalGrant(refreshToken: try #require(first.refreshToken), scopes: []))
        #expect(second == TokenGrant(accessToken: "ntn_1", refreshToken: "nrt_1++"))
        #expect(
            server.requests.map(\.json) == [
                ["grant_type": "refresh_token", "refresh_token": "nrt_1"],
                ["grant_type": "refresh_token", "refresh_token": "nrt_1+"],
            ])
        #expect(server.requests.map(\.connection) == [1, 2])
    }

    @Test func `a revocation names the access token`() async throws {
        let server = try ProviderServer { _ in .answer(#"{"request_id":"r"}"#) }
        try await NotionOAuth(server).revoke(RevocationGrant(accessToken: "ntn_1", refreshToken: "nrt_1"))
        let request = try #require(server.requests.first)
        #expect(request.path == "/base/v1/oauth/revoke")
        #expect(request.json == ["token": "ntn_1"])
        #expect(request.headers["authorization"]?.hasPrefix("Basic ") == true)
        #expect(request.headers["notion-version"] == "2025-09-03")
    }

    @Test func `what is revoked already is success, wrong credentials are not`() async throws {
        let server = try ProviderServer { request in
            request.json["token"] == "dead"
                ? .answer(#"{"error":"invalid_token"}"#, status: 400)
                : .answer(#"{"error":"invalid_client"}"#, status: 401)
        }
        let notion = NotionOAuth(server)
        try await notion.revoke(RevocationGrant(accessToken: "dead", refreshToken: nil))
        let grant = RevocationGrant(accessToken: "alive", refreshToken: nil)
        #expect(try await thrownFailure { try await notion.revoke(grant) }.code == "provider_misconfigured")
    }
}
