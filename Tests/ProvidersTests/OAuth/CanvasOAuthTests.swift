import Domain
import Foundation
import Providers
import Testing

@Suite(.timeLimit(.minutes(1))) struct CanvasOAuthTests {
    private static let host = "school.instructure.com"
    private static let path = "/base/login/oauth2/token"

    private static func tokens(_ access: String = "1~a", _ more: String = #","refresh_token":"1~r""#) -> String {
        #"{"access_token":"\#(access)","token_type":"Bearer","user":{"id":42,"name":"Ada L","global_id":"1042","#
            + #""effective_locale":"en"},"canvas_region":"us-east-1","expires_in":3600\#(more)}"#
    }

    private static func error(_ error: String, _ description: String, status: Int = 400) -> ProviderServer.Step {
        .answer(#"{"error":"\#(error)","error_description":"\#(description)"}"#, status: status)
    }

    @Test func `a code is exchanged, and what was asked for counts as granted`() async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens()) }
        let grant = try await CanvasOAuth(server).exchange(canvasCode)
        #expect(
            grant
                == TokenGrant(
                    accessToken: "1~a", refreshToken: "1~r", expiresInSeconds: 3600,
                    scopes: ["url:GET|/api/v1/calendar_events", "url:GET|/api/v1/courses"],
                    account: ProviderAccount(id: "42", name: "Ada L")))
        let request = try #require(server.requests.first)
        #expect(request.path == Self.path)
        #expect(
            request.form == [
                "grant_type": "authorization_code", "code": "4/code", "code_verifier": "verifier",
                "redirect_uri": "https://errand.example.com/callback/x", "client_id": "errand-id",
                "client_secret": "s3cret+/=",
            ])
    }

    @Test func `a refused code comes as a redirect, and is read there`() async throws {
        let location =
            "Location: https://errand.example.com/callback/x?error=invalid_grant"
            + "&error_description=authorization_code+not+found"
        let server = try ProviderServer { _ in .answer("", status: 302, headers: [location]) }
        let failure = try await thrownFailure { _ = try await CanvasOAuth(server).exchange(canvasCode) }
        #expect(failure.kind == .needsReconnect)
        #expect(failure.code == "invalid_grant")
        #expect(server.requests.count == 1)
    }

    @Test func `a renewal keeps the refresh token and sends no redirect URI`() async throws {
        let server = try ProviderServer { _ in .answer(Self.tokens("1~b", "")) }
        let grant = try await CanvasOAuth(server).renew(
            RenewalGrant(refreshToken: "1~r", scopes: ["x"], host: Self.host))
        #expect(grant == TokenGrant(accessToken: "1~b", expiresInSeconds: 3600, scopes: ["x"]))
        #expect(
            server.requests.first?.form == [
                "grant_type": "refresh_token", "refresh_token": "1~r", "client_id": "errand-id",
                "client_secret": "s3cret+/=",
            ])
    }

    @Test func `a refresh token that Canvas does not find needs a person, another invalid request does not`()
        async throws
    {
        let server = try ProviderServer { request in
            request.form["refresh_token"] == "dead"
                ? Self.error("invalid_request", "refresh_token not found")
                : Self.error("invalid_request", "You must provide the refresh_token parameter")
        }
        let canvas = CanvasOAuth(server)
        let dead = RenewalGrant(refreshToken: "dead", scopes: [], host: Self.host)
        let failure = try await thrownFailure { _ = try await canvas.renew(dead) }
        #expect(failure.kind == .needsReconnect)
        #expect(failure.code == "invalid_grant")
        let other = RenewalGrant(refreshToken: "other", scopes: [], host: Self.host)
        #expect(try await thrownFailure { _ = try await canvas.renew(other) }.kind == .permanent)
    }

    // MARK: Revocation

    private static let badToken = ProviderServer.Step.answer(
        #"{"errors":[{"message":"Invalid access token."}]}"#, status: 401,
        headers: [#"WWW-Authenticate: Bearer realm="canvas-lms""#])

    private let tokens = RevocationGrant(accessToken: "1~a", refreshToken: "1~r", host: host)

    @Test func `a live access token deletes the grant`() async throws {
        let server = try ProviderServer { _ in .answer("{}") }
        try await CanvasOAuth(server).revoke(tokens)
        #expect(server.requests.map(\.method) == ["DELETE"])
        #expect(server.requests.map(\.path) == [Self.path])
        #expect(server.requests.first?.headers["authorization"] == "Bearer 1~a")
    }

    @Test func `a dead access token is renewed first, for the grant may be alive`() async throws {
        let server = try ProviderServer { request in
            if request.method == "POST" { return .answer(Self.tokens("1~b", "")) }
            return request.headers["authorization"] == "Bearer 1~b" ? .answer("{}") : Self.badToken
        }
        try await CanvasOAuth(server).revoke(tokens)
        #expect(server.requests.map(\.method) == ["DELETE", "POST", "DELETE"])
        #expect(server.requests.last?.headers["authorization"] == "Bearer 1~b")
    }

    @Test func `a grant that is gone is revoked`() async throws {
        let server = try ProviderServer { request in
            request.method == "DELETE" ? Self.badToken : Self.error("invalid_request", "refresh_token not found")
        }
        try await CanvasOAuth(server).revoke(tokens)
        #expect(server.requests.map(\.method) == ["DELETE", "POST"])
        try await CanvasOAuth(server).revoke(RevocationGrant(accessToken: "1~a", refreshToken: nil, host: Self.host))
        #expect(server.requests.count == 3)
    }

    @Test func `a 401 without WWW-Authenticate is no bad token, and says so`() async throws {
        let server = try ProviderServer { _ in .answer("{}", status: 401) }
        let failure = try await thrownFailure { try await CanvasOAuth(server).revoke(tokens) }
        #expect(failure.kind == .permanent)
        #expect(failure.code == "not_permitted")
        #expect(server.requests.count == 1)
    }

    @Test func `an outage while renewing is no success`() async throws {
        let server = try ProviderServer { request in
            request.method == "DELETE" ? Self.badToken : .answer("", status: 503)
        }
        let failure = try await thrownFailure { try await CanvasOAuth(server).revoke(tokens) }
        #expect(failure.code == "provider_unavailable")
    }
}
