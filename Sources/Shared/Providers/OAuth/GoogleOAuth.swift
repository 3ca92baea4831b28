package import Domain
package import FoundationEssentials
package import HTTPTransport

/// Google accounts: https://developers.google.com/identity/protocols/oauth2/web-server
package struct GoogleOAuth: OAuthProvider {
    package static let name = ProviderName("google")

    /// A revocation removes all scopes of the project's clients:
    /// https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
    package let about = ProviderDescription(
        name: Self.name, title: "Google",
        features: [
            // https://developers.google.com/workspace/calendar/api/auth
            ProviderFeature(
                "calendar",
                scopes: [
                    "https://www.googleapis.com/auth/calendar.events",
                    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
                ], title: "See your calendars, see and change their events"),
            // Restricted: a public app needs a security assessment.
            ProviderFeature(
                "mail", scopes: ["https://www.googleapis.com/auth/gmail.readonly"], title: "Read your mail"),
            // Only files that Errand made itself, which keeps it out of the sensitive scopes.
            ProviderFeature(
                "sheets", scopes: ["https://www.googleapis.com/auth/drive.file"], title: "Make spreadsheets for you"),
        ],
        hosts: nil, rotatesRefreshTokens: false, revocation: .account, issuer: "https://accounts.google.com")

    /// Who the account is: https://developers.google.com/identity/openid-connect/openid-connect#scope-param
    private static let identityScopes = ["openid", "email", "profile"]

    private let client: OAuthClient
    private let endpoints: OAuthEndpoints

    package init(client: OAuthClient, transport: HTTPTransport, now: @escaping @Sendable () -> Date) {
        self.client = client
        endpoints = OAuthEndpoints(transport: transport, now: now)
    }

    private var authorizationEndpoint: String {
        (client.baseURL ?? "https://accounts.google.com") + "/o/oauth2/v2/auth"
    }
    private var tokenEndpoint: String { (client.baseURL ?? "https://oauth2.googleapis.com") + "/token" }
    private var revocationEndpoint: String { (client.baseURL ?? "https://oauth2.googleapis.com") + "/revoke" }

    package func authorizationURL(_ request: AuthorizationRequest) throws(InvalidCommand) -> String {
        try about.validate(host: request.host)
        let features = try about.features(named: request.features)
        // A refresh token comes with offline access, and after the first consent only when it is asked for again.
        // Scopes granted before are joined:
        // https://developers.google.com/identity/protocols/oauth2/web-server#incrementalAuth
        return request.url(
            authorizationEndpoint, clientID: client.clientID,
            scopes: Self.identityScopes + features.flatMap(\.scopes),
            and: [
                ("access_type", "offline"), ("prompt", "consent"), ("include_granted_scopes", "true"),
                ("login_hint", request.loginHint),
            ])
    }

    package func exchange(_ code: CodeGrant) async throws(Failure) -> TokenGrant {
        var call = OAuthCall(.exchange, tokenEndpoint)
        call.setForm([
            ("grant_type", "authorization_code"), ("code", code.code), ("code_verifier", code.codeVerifier),
            ("redirect_uri", code.redirectURI), ("client_id", client.clientID), ("client_secret", client.clientSecret),
        ])
        let answer = try await endpoints.grant(call)
        let requested = about.scopes(askedForBy: code)
        guard let text = answer.idToken else { return answer.grant(scopes: requested) }
        guard let token = IDToken(text), isOurs(token) else { throw call.unknownOutcome ?? .protocolViolation }
        let account = ProviderAccount(
            id: token.subject, name: token.name ?? token.email ?? token.subject, email: token.email)
        return answer.grant(scopes: requested, account: account)
    }

    package func renew(_ token: RenewalGrant) async throws(Failure) -> TokenGrant {
        var call = OAuthCall(.renewal(rotates: false), tokenEndpoint)
        call.deadline = token.deadline
        call.setForm([
            ("grant_type", "refresh_token"), ("refresh_token", token.refreshToken), ("client_id", client.clientID),
            ("client_secret", client.clientSecret),
        ])
        return try await endpoints.grant(call).grant(scopes: token.scopes)
    }

    /// Either token ends all that the account granted to the project:
    /// https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
    package func revoke(_ token: RevocationGrant) async throws(Failure) {
        guard let text = token.refreshToken ?? token.accessToken else { return }
        var call = OAuthCall(.revocation, revocationEndpoint)
        call.setForm([("token", text)])
        let answer = try await endpoints.send(call)
        let rejection = endpoints.rejection(answer, of: call)
        guard answer.status == 200 || rejection.isOfDeadToken else { throw rejection.failure }
    }

    /// Google writes its name in two ways:
    /// https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
    private func isOurs(_ token: IDToken) -> Bool {
        token.isValid(for: client.clientID, at: endpoints.now()) {
            ["https://accounts.google.com", "accounts.google.com"].contains($0)
        }
    }
}
