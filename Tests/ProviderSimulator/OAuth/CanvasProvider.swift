import Foundation
import Hummingbird

/// https://developerdocs.instructure.com/services/canvas/oauth
struct CanvasProvider: SimulatedProvider {
    let kind = ProviderKind.canvas
    // A renewal gives no new refresh token; it puts a new access token in the place of the old one, which is one row of
    // Canvas's: https://github.com/instructure/canvas-lms/blob/master/lib/canvas/oauth/grant_types/refresh_token.rb
    let rules = TokenRules(
        accessSeconds: 3_600, rotation: .none, renewalEndsAccess: true, accessPrefix: "7~sim", refreshPrefix: "7~rsim",
        codePrefix: "sim")

    func scopes(of parameters: FormBody) throws(AuthorizationRefusal) -> [String] {
        let asked = (parameters["scope"] ?? "").split(separator: " ").map(String.init)
        let unknown = asked.filter { !$0.hasPrefix("url:") && $0 != "/auth/userinfo" }
        if !unknown.isEmpty {
            let text = "A requested scope is invalid, unknown, malformed: \(unknown.joined(separator: ", "))"
            throw .redirect(error: "invalid_scope", description: text)
        }
        return asked
    }

    func read(_ request: EndpointRequest) throws(Refusal) -> TokenRequest {
        guard request.contentType == "application/json" else { return try .form(request) }
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: request.body),
            case .object(let members) = value
        else { throw .unreadableBody("Error parsing JSON body.") }
        let pairs = members.compactMap { member in member.value.text.map { (member.name, $0) } }
        let parameters = Dictionary(pairs) { first, _ in first }
        let basic = request.basicCredentials
        return TokenRequest(
            parameters: parameters, clientID: parameters["client_id"] ?? basic?.user,
            clientSecret: parameters["client_secret"] ?? basic?.password)
    }

    /// https://developerdocs.instructure.com/services/canvas/oauth/oauth_endpoints
    func answer(_ issuance: Issuance, _ request: TokenRequest, _ key: SigningKey, at now: Date) -> JSONValue {
        let id = issuance.account.canvasUserID
        var members: [JSONValue.Member] = [
            .init(name: "access_token", value: .string(issuance.access.value)),
            .init(name: "token_type", value: "Bearer"),
            .init(
                name: "user",
                value: .members([
                    "id": .integer(id), "name": .string(issuance.account.title),
                    "global_id": .string("7000000000\(id)"), "effective_locale": "en",
                ])),
        ]
        if let refresh = issuance.refresh {
            members.append(.init(name: "refresh_token", value: .string(refresh.value)))
        }
        members.append(.init(name: "expires_in", value: .integer(rules.accessSeconds ?? 0)))
        return .object(members)
    }
}

extension CanvasProvider {
    /// A refresh token that is not there is `invalid_request` at Canvas, not `invalid_grant`:
    /// https://github.com/instructure/canvas-lms/blob/master/lib/canvas/oauth/request_error.rb
    func reply(to refusal: Refusal) -> OAuthReply {
        switch refusal {
        case .unreadableBody(let reason): .refused(400, "invalid_request", reason)
        case .missing(let name): .refused(400, "invalid_request", Self.missing(name))
        case .missingClient, .unknownClient: Self.unauthorized("unknown client")
        case .missingSecret, .wrongSecret: Self.unauthorized("invalid client")
        case .unsupportedGrant:
            .refused(400, "unsupported_grant_type", "The grant_type you requested is not currently supported")
        case .unknownCode, .usedCode, .expiredCode: .refused(400, "invalid_grant", "authorization_code not found")
        case .wrongRedirect: .refused(400, "invalid_request", "redirect_uri does not match client settings")
        case .missingVerifier, .wrongVerifier: .refused(400, "invalid_grant", "invalid grant")
        case .otherClient: .refused(400, "invalid_grant", "incorrect client")
        case .unknownRefreshToken, .deadRefreshToken: .refused(400, "invalid_request", "refresh_token not found")
        case .widerScope:
            .refused(
                400, "invalid_scope", "A requested scope is invalid, unknown, malformed, or exceeds the scope granted")
        case .unknownToken: Self.invalidAccessToken
        case .invalidGrant, .sessionControl: .refused(400, "invalid_grant", "Simulated")
        case .rateLimited: .refused(429, "rate_limited", "Rate Limit Exceeded")
        case .named(let name): .refused(400, name, "Simulated")
        case .status(let status): .refused(status, "internal_error", "Simulated")
        }
    }

    private static func missing(_ name: String) -> String {
        "You must provide the \(name) parameter when using the "
            + "\(name == "code" ? "authorization_code" : "refresh_token") grant type"
    }

    private static func unauthorized(_ description: String) -> OAuthReply {
        .refused(401, "invalid_client", description, headers: [.wwwAuthenticate: "Canvas OAuth 2.0"])
    }

    /// As every route of Canvas's API says it; the header tells a bad token from a lack of permission.
    static let invalidAccessToken = OAuthReply(
        status: 401, headers: [.wwwAuthenticate: #"Bearer realm="canvas-lms""#],
        body: .members(["errors": [.members(["message": "Invalid access token."])]]), error: "invalid_token")
}
