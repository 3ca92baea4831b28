package import Domain
package import FoundationEssentials
package import HTTPTransport

/// Microsoft accounts, personal and of organisations:
/// https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow
package struct MicrosoftOAuth: OAuthProvider {
    package static let name = ProviderName("microsoft")

    /// A renewal brings a new refresh token and leaves the old one alive, so nothing is lost when the answer is:
    /// https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens
    package let about = ProviderDescription(
        name: Self.name, title: "Microsoft",
        features: [
            // https://learn.microsoft.com/en-us/graph/permissions-reference
            ProviderFeature(
                "calendar", scopes: ["https://graph.microsoft.com/Calendars.ReadWrite"],
                title: "See your calendars, see and change their events"),
            ProviderFeature("mail", scopes: ["https://graph.microsoft.com/Mail.Read"], title: "Read your mail"),
        ],
        hosts: nil, rotatesRefreshTokens: false, revocation: .nothing, issuer: nil)

    /// Who the account is, and a refresh token: https://learn.microsoft.com/en-us/entra/identity-platform/scopes-oidc
    private static let baseScopes = ["openid", "email", "profile", "offline_access"]

    private let client: OAuthClient
    private let endpoints: OAuthEndpoints

    package init(client: OAuthClient, transport: HTTPTransport, now: @escaping @Sendable () -> Date) {
        self.client = client
        endpoints = OAuthEndpoints(transport: transport, now: now)
    }

    private var base: String { client.baseURL ?? "https://login.microsoftonline.com" }
    private func endpoint(_ name: String) -> String { "\(base)/\(client.directory ?? "common")/oauth2/v2.0/\(name)" }

    package func authorizationURL(_ request: AuthorizationRequest) throws(InvalidCommand) -> String {
        try about.validate(host: request.host)
        let scopes = try about.scopes(for: request.features, widening: request.grantedScopes)
        // Without a hint, whoever is signed in would be connected unasked.
        return request.url(
            endpoint("authorize"), clientID: client.clientID,
            scopes: Self.withBase(scopes),
            and: [
                ("response_mode", "query"), ("login_hint", request.loginHint),
                ("prompt", request.loginHint == nil ? "select_account" : nil),
            ])
    }

    package func exchange(_ code: CodeGrant) async throws(Failure) -> TokenGrant {
        var call = OAuthCall(.exchange, endpoint("token"))
        call.setForm([
            ("grant_type", "authorization_code"), ("code", code.code), ("code_verifier", code.codeVerifier),
            ("redirect_uri", code.redirectURI), ("client_id", client.clientID), ("client_secret", client.clientSecret),
        ])
        let answer = try await endpoints.grant(call)
        let requested = about.scopes(askedForBy: code)
        guard let text = answer.idToken else { return answer.grant(scopes: requested) }
        guard let account = account(text) else { throw call.unknownOutcome ?? .protocolViolation }
        return answer.grant(scopes: requested, account: account)
    }

    /// `offline_access` is never among the granted scopes, and without it no new refresh token comes.
    package func renew(_ token: RenewalGrant) async throws(Failure) -> TokenGrant {
        var call = OAuthCall(.renewal(rotates: false), endpoint("token"))
        call.deadline = token.deadline
        let scopes = token.scopes.isEmpty ? nil : Self.withBase(token.scopes).joined(separator: " ")
        call.setForm([
            ("grant_type", "refresh_token"), ("refresh_token", token.refreshToken), ("scope", scopes),
            ("client_id", client.clientID), ("client_secret", client.clientSecret),
        ])
        return try await endpoints.grant(call).grant(scopes: token.scopes)
    }

    /// Microsoft revokes nothing for an app alone (RFC 7009); Graph's `revokeSignInSessions` would sign the person out
    /// of everything: https://learn.microsoft.com/en-us/graph/api/user-revokesigninsessions
    package func revoke(_ token: RevocationGrant) async throws(Failure) {}

    /// Object and directory together are unique, and the same for every app:
    /// https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference
    private func account(_ text: String) -> ProviderAccount? {
        guard let token = IDToken(text), let object = token.objectID, let tenant = token.tenantID,
            token.isValid(
                for: client.clientID, at: endpoints.now(),
                isIssuer: { ["https://login.microsoftonline.com", base].map { "\($0)/\(tenant)/v2.0" }.contains($0) })
        else { return nil }
        let email = token.email ?? token.preferredUsername
        return ProviderAccount(id: "\(object).\(tenant)", name: token.name ?? email ?? object, email: email)
    }

    private static func withBase(_ scopes: [String]) -> [String] {
        baseScopes + scopes.filter { !baseScopes.contains($0) }
    }
}
