import Foundation

/// https://developers.notion.com/guides/get-started/authorization
struct NotionProvider: SimulatedProvider {
    let kind = ProviderKind.notion
    // A renewal generates "a new access token and new refresh token", and the old refresh token is good for nothing:
    // https://developers.notion.com/reference/refresh-a-token. Whether the old access token survives is not said;
    // here it does not, which is the harder case.
    let rules = TokenRules(
        rotation: .replaces, renewalEndsAccess: true, accessPrefix: "ntn_sim", refreshPrefix: "nrt_sim",
        codePrefix: "03sim")

    /// Notion has no scopes: what a client may do is set where it is registered.
    func scopes(of parameters: FormBody) throws(AuthorizationRefusal) -> [String] {
        // "Always use `user`": https://developers.notion.com/guides/get-started/authorization
        guard parameters["owner"] == "user" else {
            throw .page(status: 400, error: "invalid_request", text: "Missing required parameter: owner=user")
        }
        return []
    }

    /// HTTP Basic and a JSON body, and nothing else: https://developers.notion.com/reference/create-a-token
    func read(_ request: EndpointRequest) throws(Refusal) -> TokenRequest {
        guard let basic = request.basicCredentials else { throw .missingClient }
        guard request.contentType == "application/json",
            let value = try? JSONDecoder().decode(JSONValue.self, from: request.body), case .object(let members) = value
        else { throw .unreadableBody("Error parsing JSON body.") }
        let pairs = members.compactMap { member in member.value.text.map { (member.name, $0) } }
        return TokenRequest(
            parameters: Dictionary(pairs) { first, _ in first }, clientID: basic.user, clientSecret: basic.password)
    }

    func answer(_ issuance: Issuance, _ request: TokenRequest, _ key: SigningKey, at now: Date) -> JSONValue {
        let account = issuance.account
        return .members([
            "access_token": .string(issuance.access.value), "token_type": "bearer",
            "refresh_token": issuance.refresh.map { .string($0.value) } ?? .null,
            "bot_id": .string(account.notionBotID), "workspace_icon": .null,
            "workspace_name": .string(account.notionWorkspaceName),
            "workspace_id": .string(account.notionWorkspaceID),
            "owner": .members([
                "type": "user",
                "user": .members([
                    "object": "user", "id": .string(account.notionUserID), "name": .string(account.title),
                    "avatar_url": .null, "type": "person", "person": .members(["email": .string(account.email)]),
                ]),
            ]),
            "duplicated_template_id": .null, "request_id": Self.requestID(),
        ])
    }

    static func requestID() -> JSONValue { .string(UUID().uuidString.lowercased()) }
}

extension NotionProvider {
    func reply(to refusal: Refusal) -> OAuthReply {
        switch refusal {
        case .unreadableBody(let reason): Self.apiError(400, "invalid_json", reason)
        case .missing(let name): Self.apiError(400, "validation_error", "body failed validation: \(name) is missing")
        case .missingClient, .unknownClient, .missingSecret, .wrongSecret: Self.refused(401, "invalid_client")
        case .unsupportedGrant: Self.refused(400, "unsupported_grant_type")
        case .unknownCode, .usedCode, .expiredCode: Self.refused(400, "invalid_grant", "Invalid code.")
        case .wrongRedirect: Self.refused(400, "invalid_grant", "Redirect URI mismatch.")
        case .missingVerifier, .wrongVerifier: Self.refused(400, "invalid_grant", "Invalid code verifier.")
        case .otherClient: Self.refused(400, "invalid_grant", "Invalid client.")
        case .unknownRefreshToken, .deadRefreshToken, .invalidGrant, .sessionControl:
            Self.refused(400, "invalid_grant", "Invalid refresh token.")
        case .widerScope: Self.refused(400, "invalid_scope")
        case .unknownToken: Self.refused(400, "invalid_token")
        // https://developers.notion.com/reference/request-limits
        case .rateLimited: Self.apiError(429, "rate_limited", "You have been rate limited. Please try again later.")
        case .named(let name): Self.refused(400, name)
        // https://developers.notion.com/reference/status-codes
        case .status(let status):
            Self.apiError(status, status == 503 ? "service_unavailable" : "internal_server_error", "Simulated")
        }
    }

    private static func refused(_ status: Int, _ error: String, _ description: String? = nil) -> OAuthReply {
        .refused(status, error, description, more: [.init(name: "request_id", value: requestID())])
    }

    /// The form of errors that are not OAuth's.
    private static func apiError(_ status: Int, _ code: String, _ message: String) -> OAuthReply {
        let body = JSONValue.members([
            "object": "error", "status": .integer(status), "code": .string(code), "message": .string(message),
            "request_id": requestID(),
        ])
        return OAuthReply(status: status, body: body, error: code)
    }
}
