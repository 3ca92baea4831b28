import Foundation

/// https://developers.google.com/identity/protocols/oauth2/web-server
struct GoogleProvider: SimulatedProvider {
    static let issuer = "https://accounts.google.com"

    let kind = ProviderKind.google
    let grantsParts = true
    // "100 refresh tokens per Google Account per OAuth 2.0 client ID", the oldest of which ends without warning:
    // https://developers.google.com/identity/protocols/oauth2#expiration
    let rules = TokenRules(
        accessSeconds: 3_599, rotation: .none, renewalEndsAccess: false, liveRefreshTokens: 100,
        accessPrefix: "ya29.a0Sim", refreshPrefix: "1//0Sim", codePrefix: "4/0Sim")

    static let signInScopes = [
        "openid", "https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/userinfo.profile",
    ]

    /// Google spells `email` and `profile` out in what it grants.
    /// https://developers.google.com/identity/protocols/oauth2/scopes#openid-connect
    private static let longForms = ["email": signInScopes[1], "profile": signInScopes[2]]

    func scopes(of parameters: FormBody) throws(AuthorizationRefusal) -> [String] {
        let asked = (parameters["scope"] ?? "").split(separator: " ").map(String.init)
        if asked.isEmpty {
            throw .page(status: 400, error: "invalid_request", text: "Missing required parameter: scope")
        }
        let spelled = asked.map { Self.longForms[$0] ?? $0 }
        let unknown = spelled.filter { $0 != "openid" && !$0.hasPrefix("https://www.googleapis.com/auth/") }
        if !unknown.isEmpty {
            let text = "Some requested scopes were invalid: \(unknown.joined(separator: ", "))"
            throw .page(status: 400, error: "invalid_scope", text: text)
        }
        if let type = parameters["access_type"], type != "offline", type != "online" {
            throw .page(status: 400, error: "invalid_request", text: "Invalid parameter value for access_type: \(type)")
        }
        return [String]().merging(spelled)
    }

    /// https://developers.google.com/identity/protocols/oauth2/web-server#incrementalAuth
    func granted(_ chosen: [String], _ request: AuthorizationRequest, earlier: [String]) -> [String] {
        request.parameters["include_granted_scopes"] == "true" ? earlier.merging(chosen) : chosen
    }

    /// "only returned … the first time" unless `prompt=consent`:
    /// https://developers.google.com/identity/protocols/oauth2/web-server#offline
    func isOffline(_ request: AuthorizationRequest, isFirstConsent: Bool) -> Bool {
        let prompts = (request.parameters["prompt"] ?? "").split(separator: " ")
        return request.parameters["access_type"] == "offline" && (isFirstConsent || prompts.contains("consent"))
    }

    /// `iss` as in RFC 9207.
    func callback(_ code: AuthorizationCode, _ request: AuthorizationRequest) -> [(String, String)] {
        [
            ("iss", Self.issuer), ("scope", code.scopes.joined(separator: " ")), ("authuser", "0"),
            ("prompt", request.parameters["prompt"] ?? "none"),
        ]
    }

    func denial() -> [(String, String)] { [("error", "access_denied"), ("iss", Self.issuer)] }

    func read(_ request: EndpointRequest) throws(Refusal) -> TokenRequest { try .form(request) }

    func answer(_ issuance: Issuance, _ request: TokenRequest, _ key: SigningKey, at now: Date) throws -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "access_token", value: .string(issuance.access.value)),
            .init(name: "expires_in", value: .integer(rules.accessSeconds ?? 0)),
        ]
        if let refresh = issuance.refresh {
            members.append(.init(name: "refresh_token", value: .string(refresh.value)))
        }
        members.append(.init(name: "scope", value: .string(issuance.scopes.joined(separator: " "))))
        members.append(.init(name: "token_type", value: "Bearer"))
        if issuance.scopes.contains("openid") {
            members.append(.init(name: "id_token", value: .string(try key.sign(Self.claims(issuance, at: now)))))
        }
        if issuance.refresh != nil, let seconds = issuance.client.refreshExpiresInSeconds {
            members.append(.init(name: "refresh_token_expires_in", value: .integer(seconds)))
        }
        return .object(members)
    }

    /// https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
    private static func claims(_ issuance: Issuance, at now: Date) -> JSONValue {
        let seconds = Int(now.timeIntervalSince1970)
        var members: [JSONValue.Member] = [
            .init(name: "iss", value: .string(issuer)), .init(name: "azp", value: .string(issuance.client.id)),
            .init(name: "aud", value: .string(issuance.client.id)),
            .init(name: "sub", value: .string(issuance.account.googleSubject)),
        ]
        if issuance.scopes.contains(signInScopes[1]) {
            members.append(.init(name: "email", value: .string(issuance.account.email)))
            members.append(.init(name: "email_verified", value: .bool(true)))
        }
        if issuance.scopes.contains(signInScopes[2]) {
            members.append(.init(name: "name", value: .string(issuance.account.title)))
        }
        if let nonce = issuance.nonce { members.append(.init(name: "nonce", value: .string(nonce))) }
        members.append(.init(name: "at_hash", value: .string(SigningKey.halfHash(issuance.access.value))))
        members.append(.init(name: "iat", value: .integer(seconds)))
        members.append(.init(name: "exp", value: .integer(seconds + 3_600)))
        return .object(members)
    }
}
