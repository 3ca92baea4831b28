package import Domain
package import FoundationEssentials
package import HTTPTransport

/// Notion workspaces: https://developers.notion.com/docs/authorization
///
/// What a connection may do is set at the integration, so there are no scopes; which pages, the person picks.
package struct NotionOAuth: OAuthProvider {
    package static let name = ProviderName("notion")

    /// A renewal replaces both tokens at once: https://developers.notion.com/reference/refresh-a-token
    package let about = ProviderDescription(
        name: Self.name, title: "Notion",
        features: [ProviderFeature("pages", scopes: [], title: "Read and write the pages you pick")],
        hosts: nil, rotatesRefreshTokens: true, revocation: .connection, issuer: nil)

    private let client: OAuthClient
    private let endpoints: OAuthEndpoints

    package init(client: OAuthClient, transport: HTTPTransport, now: @escaping @Sendable () -> Date) {
        self.client = client
        endpoints = OAuthEndpoints(transport: transport, now: now)
    }

    private func endpoint(_ name: String) -> String {
        (client.baseURL ?? "https://api.notion.com") + "/v1/oauth/" + name
    }

    package func authorizationURL(_ request: AuthorizationRequest) throws(InvalidCommand) -> String {
        try about.validate(host: request.host)
        _ = try about.features(named: request.features)
        return request.url(endpoint("authorize"), clientID: client.clientID, scopes: [], and: [("owner", "user")])
    }

    /// https://developers.notion.com/reference/create-a-token
    package func exchange(_ code: CodeGrant) async throws(Failure) -> TokenGrant {
        let call = call(.exchange, "token") { json in
            json.field("grant_type", "authorization_code")
            json.field("code", code.code)
            json.field("redirect_uri", code.redirectURI)
            json.field("code_verifier", code.codeVerifier)
        }
        let answer = try await endpoints.grant(call)
        return answer.grant(scopes: [], account: answer.answer.json(as: Workspace.self)?.account)
    }

    package func renew(_ token: RenewalGrant) async throws(Failure) -> TokenGrant {
        var call = call(.renewal(rotates: true), "token") { json in
            json.field("grant_type", "refresh_token")
            json.field("refresh_token", token.refreshToken)
        }
        call.deadline = token.deadline
        return try await endpoints.grant(call).grant(scopes: [])
    }

    /// https://developers.notion.com/reference/revoke-token
    package func revoke(_ token: RevocationGrant) async throws(Failure) {
        guard let text = token.accessToken ?? token.refreshToken else { return }
        let call = call(.revocation, "revoke") { json in json.field("token", text) }
        let answer = try await endpoints.send(call)
        let rejection = endpoints.rejection(answer, of: call)
        guard answer.status == 200 || rejection.isOfDeadToken else { throw rejection.failure }
    }

    /// HTTP Basic and a JSON body: https://developers.notion.com/docs/authorization
    private func call(
        _ purpose: OAuthCall.Purpose, _ name: String, _ body: (inout JSONWriter) -> Void
    ) -> OAuthCall {
        var call = OAuthCall(purpose, endpoint(name))
        call.authenticate(by: client)
        call.add(header: "Notion-Version", "2025-09-03")  // https://developers.notion.com/reference/versioning
        call.setJSON(body)
        return call
    }

    /// What Notion adds to a token: the connection is to one workspace, and the bot is its key.
    private struct Workspace: Decodable {
        var botID: String
        var workspaceID: String?
        var workspaceName: String?
        var owner: Owner?

        struct Owner: Decodable { var user: User? }
        struct User: Decodable { var person: Person? }
        struct Person: Decodable { var email: String? }

        private enum CodingKeys: String, CodingKey {
            case owner
            case botID = "bot_id"
            case workspaceID = "workspace_id"
            case workspaceName = "workspace_name"
        }

        var account: ProviderAccount {
            ProviderAccount(id: botID, name: workspaceName ?? workspaceID ?? botID, email: owner?.user?.person?.email)
        }
    }
}
