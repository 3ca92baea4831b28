package import Domain
package import FoundationEssentials
package import HTTPTransport

/// One provider of accounts that people connect by OAuth 2.0's authorization code (RFC 6749, with PKCE). An
/// implementation is one file, and one line in `ProviderCatalog.known`.
package protocol OAuthProvider: Sendable {
    static var name: ProviderName { get }

    /// - Parameters:
    ///   - client: what the operator registered at the provider.
    ///   - transport: see `ProviderCatalog.egress(for:)` for what it may reach.
    ///   - now: the clock for `retry-after` dates and an id token's end.
    init(client: OAuthClient, transport: HTTPTransport, now: @escaping @Sendable () -> Date)

    var about: ProviderDescription { get }

    /// Whether the `iss` parameter of a callback (RFC 9207) is this provider's; `nil` when the callback had none, which
    /// passes. Anything else came from another server: the code must not be redeemed here.
    func accepts(issuer: String?) -> Bool

    /// Where to send the browser. Pure.
    func authorizationURL(_ request: AuthorizationRequest) throws(InvalidCommand) -> String

    /// Redeems a code, once: never repeat it. A code whose fate is not known is `unknownOutcome`, code
    /// `exchange_unknown`; one that the provider refuses is `needsReconnect`, code `invalid_grant`. Either way the
    /// person starts again.
    func exchange(_ code: CodeGrant) async throws(Failure) -> TokenGrant

    /// Gets the next access token.
    ///
    /// `needsReconnect` says that the refresh token is dead: `invalid_grant`, `session_control` (the organisation's
    /// session length has passed), `admin_policy`, `interaction_required` or `access_denied`. `unknownOutcome`, code
    /// `renewal_unknown`, comes only where refresh tokens rotate: the provider may have replaced this one, and nobody
    /// has the new one. `permanent` speaks of this service's own registration, not of the connection.
    func renew(_ token: RenewalGrant) async throws(Failure) -> TokenGrant

    /// Ends the connection at the provider. What is revoked already is success, and so is a provider that offers no
    /// revocation: see `Revocation`.
    func revoke(_ token: RevocationGrant) async throws(Failure)
}

extension OAuthProvider {
    package func accepts(issuer: String?) -> Bool { issuer == nil || issuer == about.issuer }
}
