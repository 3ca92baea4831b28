/// A code that the browser brought back from a provider's consent page, and what proves that it is ours.
package struct CodeGrant: Sendable, Undisclosed {
    package var code: String
    /// PKCE's secret, whose hash went along with the request.
    package var codeVerifier: String
    /// The same text as in the request.
    package var redirectURI: String
    package var host: String?
    /// As in the request, like `grantedScopes`. An answer that names no scopes grants those that were asked for
    /// (https://www.rfc-editor.org/rfc/rfc6749#section-5.1).
    package var features: [String]
    package var grantedScopes: [String]

    package init(
        code: String, codeVerifier: String, redirectURI: String, host: String? = nil, features: [String],
        grantedScopes: [String] = []
    ) {
        self.code = code
        self.codeVerifier = codeVerifier
        self.redirectURI = redirectURI
        self.host = host
        self.features = features
        self.grantedScopes = grantedScopes
    }
}
