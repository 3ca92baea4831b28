/// An application that is registered at one provider.
struct RegisteredClient: Sendable {
    var provider: ProviderKind
    var id: String
    var secret: String
    /// What the consent page calls it.
    var title = "Errand"
    /// Compared as whole strings (RFC 9700, section 2.1).
    var redirectURIs: [String]
    /// Whether authorization requests without `code_challenge` are refused (RFC 9700, section 2.1.1). Notion's
    /// documents and its own SDK know no PKCE; a challenge that is given is checked everywhere.
    var requiresPKCE: Bool
    /// Life of refresh tokens; nil: the provider's own. At Google such a life is what a consent screen in testing
    /// (7 days) or time-based access gives, and the exchange says it as `refresh_token_expires_in`.
    /// https://developers.google.com/identity/protocols/oauth2#expiration
    var refreshExpiresInSeconds: Int?

    init(provider: ProviderKind, id: String, secret: String, redirectURIs: [String]) {
        self.provider = provider
        self.id = id
        self.secret = secret
        self.redirectURIs = redirectURIs
        requiresPKCE = provider != .notion
    }
}
