/// What a client presents for tokens.
struct CodeExchange: Sendable {
    let code: String
    let redirectURI: String?
    /// PKCE's `code_verifier`.
    let verifier: String?
}
