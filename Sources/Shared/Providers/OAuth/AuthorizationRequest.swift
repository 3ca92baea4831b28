/// What the address of a provider's consent page is made of.
package struct AuthorizationRequest: Sendable, Equatable, Undisclosed {
    /// Comes back with the code; bound to browser and person by whoever made it.
    package var state: String
    /// PKCE, S256: base64url of the verifier's SHA-256 (https://www.rfc-editor.org/rfc/rfc7636#section-4.2).
    package var codeChallenge: String
    /// Exactly as registered at the provider.
    package var redirectURI: String
    /// Names of `ProviderDescription.features`; empty asks for the first.
    package var features: [String]
    /// The tenant's server, where the provider needs one.
    package var host: String?
    /// The account to offer first, as the provider knows it.
    package var loginHint: String?
    /// Of the connection that this request widens: they are kept.
    package var grantedScopes: [String]

    package init(
        state: String, codeChallenge: String, redirectURI: String, features: [String] = [], host: String? = nil,
        loginHint: String? = nil, grantedScopes: [String] = []
    ) {
        self.state = state
        self.codeChallenge = codeChallenge
        self.redirectURI = redirectURI
        self.features = features
        self.host = host
        self.loginHint = loginHint
        self.grantedScopes = grantedScopes
    }

    /// The address at `endpoint`, with the parameters that all providers take
    /// (https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1) and then those of one.
    func url(_ endpoint: String, clientID: String, scopes: [String], and own: [(String, String?)] = []) -> String {
        let scope = scopes.isEmpty ? nil : scopes.joined(separator: " ")
        let fields: [(String, String?)] = [
            ("client_id", clientID), ("redirect_uri", redirectURI), ("response_type", "code"), ("scope", scope),
            ("state", state), ("code_challenge", codeChallenge), ("code_challenge_method", "S256"),
        ]
        return endpoint + "?" + FormText.encode(fields + own)
    }
}
