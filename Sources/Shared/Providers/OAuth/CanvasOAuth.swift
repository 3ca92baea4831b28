package import Domain
package import FoundationEssentials
package import HTTPTransport

/// Canvas, the learning platform, at each school's own host:
/// https://developerdocs.instructure.com/services/canvas/oauth
///
/// A renewal gives a new access token and keeps the refresh token.
package struct CanvasOAuth: OAuthProvider {
    package static let name = ProviderName("canvas")

    package let about: ProviderDescription

    /// https://developerdocs.instructure.com/services/canvas/oauth2/developer_keys
    private static let features = [
        ProviderFeature(
            "courses", scopes: ["url:GET|/api/v1/courses", "url:GET|/api/v1/courses/:course_id/assignments"],
            title: "See your courses and their assignments"),
        ProviderFeature("calendar", scopes: ["url:GET|/api/v1/calendar_events"], title: "See your course calendar"),
    ]

    /// Instructure's own: whoever runs another one is to be trusted with the secret first.
    private static let hosts = ["*.instructure.com"]

    private let client: OAuthClient
    private let endpoints: OAuthEndpoints

    /// Traps when `transport` may reach more than the public internet: hosts come from tenants.
    package init(client: OAuthClient, transport: HTTPTransport, now: @escaping @Sendable () -> Date) {
        precondition(
            client.baseURL != nil || transport.egress.isPublicOnly, "tenants' hosts need a transport that stays public")
        about = ProviderDescription(
            name: Self.name, title: "Canvas", features: Self.features,
            hosts: AllowedHosts(client.hosts ?? Self.hosts), rotatesRefreshTokens: false, revocation: .connection,
            issuer: nil)
        self.client = client
        endpoints = OAuthEndpoints(transport: transport, now: now)
    }

    package func authorizationURL(_ request: AuthorizationRequest) throws(InvalidCommand) -> String {
        try about.validate(host: request.host)
        // A token carries the scopes of its own request and no others.
        let scopes = try about.scopes(for: request.features, widening: request.grantedScopes)
        guard let endpoint = endpoint("auth", host: request.host) else {
            throw InvalidCommand(field: "host", "must be the host name of your Canvas")
        }
        return request.url(endpoint, clientID: client.clientID, scopes: scopes)
    }

    package func exchange(_ code: CodeGrant) async throws(Failure) -> TokenGrant {
        var call = OAuthCall(.exchange, try tokenEndpoint(code.host))
        call.setForm([
            ("grant_type", "authorization_code"), ("code", code.code), ("code_verifier", code.codeVerifier),
            ("redirect_uri", code.redirectURI), ("client_id", client.clientID), ("client_secret", client.clientSecret),
        ])
        let answer = try await endpoints.grant(call)
        // Canvas grants all or nothing, and names no scopes.
        return answer.grant(
            scopes: about.scopes(askedForBy: code), account: answer.answer.json(as: Person.self)?.account)
    }

    /// Without a redirect URI, whose presence would turn an error into a redirect.
    package func renew(_ token: RenewalGrant) async throws(Failure) -> TokenGrant {
        var call = OAuthCall(.renewal(rotates: false), try tokenEndpoint(token.host))
        call.deadline = token.deadline
        call.translate = Self.inOAuthWords
        call.setForm([
            ("grant_type", "refresh_token"), ("refresh_token", token.refreshToken), ("client_id", client.clientID),
            ("client_secret", client.clientSecret),
        ])
        return try await endpoints.grant(call).grant(scopes: token.scopes)
    }

    /// Canvas deletes the grant whose access token is presented, and that one lives an hour: with a dead one a renewal
    /// comes first, or says that there is nothing left to revoke.
    package func revoke(_ token: RevocationGrant) async throws(Failure) {
        if let accessToken = token.accessToken, try await delete(accessToken, host: token.host) { return }
        guard let refreshToken = token.refreshToken else { return }
        do {
            let renewed = try await renew(RenewalGrant(refreshToken: refreshToken, scopes: [], host: token.host))
            _ = try await delete(renewed.accessToken, host: token.host)
        } catch  where error.kind == .needsReconnect {
            return
        }
    }

    /// Whether the token was alive: https://developerdocs.instructure.com/services/canvas/oauth#logging-out. A 401 says
    /// that the token is bad when it has a WWW-Authenticate header, and that this is not permitted when it has none.
    private func delete(_ accessToken: String, host: String?) async throws(Failure) -> Bool {
        var call = OAuthCall(.revocation, try tokenEndpoint(host))
        call.method = "DELETE"
        call.add(header: "Authorization", "Bearer \(accessToken)")
        let answer = try await endpoints.send(call)
        switch answer.status {
        case 200: return true
        case 401 where answer.headers.first("www-authenticate") != nil: return false
        case 401, 403:
            throw Failure(
                .permanent, code: "not_permitted", message: "The provider does not let this connection be revoked.")
        default: throw endpoints.rejection(answer, of: call).failure
        }
    }

    /// Canvas says `invalid_request` of a refresh token that it does not know:
    /// https://github.com/instructure/canvas-lms/blob/master/lib/canvas/oauth/request_error.rb
    private static let inOAuthWords: @Sendable (OAuthError) -> OAuthError = { error in
        guard error.error == "invalid_request", error.description == "refresh_token not found" else { return error }
        return OAuthError(error: "invalid_grant")
    }

    // MARK: The tenant's host

    /// `nil` when the host is no public host's name.
    private func endpoint(_ name: String, host: String?) -> String? {
        guard let host = host.flatMap({ PublicHostName($0) }) else { return nil }
        return (client.baseURL ?? "https://\(host.text)") + "/login/oauth2/" + name
    }

    /// What is sent there has the client's secret or a token in it.
    private func tokenEndpoint(_ host: String?) throws(Failure) -> String {
        guard let name = host.flatMap({ PublicHostName($0) }), let endpoint = endpoint("token", host: host) else {
            throw Failure(
                .permanent, code: "invalid_host", message: "The connection's host is not a public host's name.")
        }
        guard about.hosts?.contains(name) == true else {
            throw Failure(
                .permanent, code: "host_not_allowed",
                message: "The connection's host is not one of those that \(about.hostsSetting) allows.")
        }
        return endpoint
    }

    private struct Person: Decodable {
        var user: User

        struct User: Decodable {
            var id: Int
            var name: String?
        }

        var account: ProviderAccount { ProviderAccount(id: "\(user.id)", name: user.name ?? "\(user.id)") }
    }
}
