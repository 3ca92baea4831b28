import Foundation

/// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
struct MicrosoftProvider: SimulatedProvider {
    static let host = "https://login.microsoftonline.com"

    let kind = ProviderKind.microsoft
    // "Refresh tokens replace themselves with a fresh token upon every use"; the old one is not revoked; 90 days:
    // https://learn.microsoft.com/entra/identity-platform/refresh-tokens
    // Access tokens live a random 60 to 90 minutes: https://learn.microsoft.com/entra/identity-platform/access-tokens
    let rules = TokenRules(
        accessSeconds: 4_500, refreshSeconds: 90 * 86_400, rotation: .adds, renewalEndsAccess: false,
        accessPrefix: "EwSim", refreshPrefix: "1.ASim", codePrefix: "1.CSim")

    /// Whether accounts may sign in at `/{tenant}/`.
    static func isKnown(tenant: String) -> Bool {
        ["common", "organizations", "consumers", Account.microsoftTenantID, "example.com"].contains(tenant)
    }

    func scopes(of parameters: FormBody) throws(AuthorizationRefusal) -> [String] {
        let asked = (parameters["scope"] ?? "").split(separator: " ").map(String.init)
        if asked.isEmpty {
            let text = "AADSTS900144: The request body must contain the following parameter: 'scope'."
            throw .redirect(error: "invalid_request", description: text)
        }
        if let mode = parameters["response_mode"], mode != "query" {
            throw .redirect(error: "invalid_request", description: "Only response_mode=query is simulated")
        }
        let unknown = asked.filter { $0.wholeMatch(of: /(https:\/\/graph\.microsoft\.com\/)?[A-Za-z.\-_]+/) == nil }
        if !unknown.isEmpty {
            let text = "AADSTS70011: The provided value for the input parameter 'scope' is not valid: "
            throw .redirect(error: "invalid_scope", description: text + unknown.joined(separator: " "))
        }
        return [String]().merging(asked)
    }

    func isOffline(_ request: AuthorizationRequest, isFirstConsent: Bool) -> Bool {
        request.scopes.contains("offline_access")
    }

    func callback(_ code: AuthorizationCode, _ request: AuthorizationRequest) -> [(String, String)] {
        [("session_state", "51300000-0000-4000-8000-000000000001")]
    }

    func denial() -> [(String, String)] {
        [
            ("error", "access_denied"),
            (
                "error_description",
                "AADSTS65004: User declined to consent to access the app."
            ),
        ]
    }

    func read(_ request: EndpointRequest) throws(Refusal) -> TokenRequest { try .form(request) }

    func answer(_ issuance: Issuance, _ request: TokenRequest, _ key: SigningKey, at now: Date) throws -> JSONValue {
        // `offline_access` is never named among what was granted.
        let scopes = issuance.scopes.filter { $0 != "offline_access" }
        var members: [JSONValue.Member] = [
            .init(name: "token_type", value: "Bearer"),
            .init(name: "scope", value: .string(scopes.joined(separator: " "))),
            .init(name: "expires_in", value: .integer(rules.accessSeconds ?? 0)),
            .init(name: "ext_expires_in", value: .integer(rules.accessSeconds ?? 0)),
            .init(name: "access_token", value: .string(issuance.access.value)),
        ]
        if let refresh = issuance.refresh {
            members.append(.init(name: "refresh_token", value: .string(refresh.value)))
        }
        if issuance.scopes.contains("openid") {
            members.append(.init(name: "id_token", value: .string(try key.sign(Self.claims(issuance, at: now)))))
        }
        if request["client_info"] == "1" {
            let info = JSONValue.members([
                "uid": .string(issuance.account.microsoftObjectID), "utid": .string(Account.microsoftTenantID),
            ])
            members.append(.init(name: "client_info", value: .string(Base64URL.text(info.rendered.utf8))))
        }
        return .object(members)
    }

    /// https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    private static func claims(_ issuance: Issuance, at now: Date) -> JSONValue {
        let seconds = Int(now.timeIntervalSince1970)
        let account = issuance.account
        var members: [JSONValue.Member] = [
            .init(name: "ver", value: "2.0"),
            .init(name: "iss", value: .string("\(host)/\(Account.microsoftTenantID)/v2.0")),
            .init(name: "sub", value: .string(SigningKey.halfHash(issuance.client.id + account.microsoftObjectID))),
            .init(name: "aud", value: .string(issuance.client.id)),
            .init(name: "iat", value: .integer(seconds)), .init(name: "nbf", value: .integer(seconds)),
            .init(name: "exp", value: .integer(seconds + 3_600)),
            .init(name: "oid", value: .string(account.microsoftObjectID)),
            .init(name: "tid", value: .string(Account.microsoftTenantID)),
        ]
        if issuance.scopes.contains("profile") {
            members.append(.init(name: "name", value: .string(account.title)))
            members.append(.init(name: "preferred_username", value: .string(account.email)))
        }
        if issuance.scopes.contains("email") { members.append(.init(name: "email", value: .string(account.email))) }
        if let nonce = issuance.nonce { members.append(.init(name: "nonce", value: .string(nonce))) }
        return .object(members)
    }
}
