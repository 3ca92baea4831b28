/// How a provider's tokens live.
struct TokenRules: Sendable {
    /// What a renewal does about the refresh token.
    enum Rotation: Sendable {
        /// Nothing: it stays the only one.
        case none
        /// It gives a further one; the used one stays live.
        case adds
        /// It gives another one; the used one is dead at once.
        case replaces
    }

    /// nil: no life is stated, and the token lives until it is ended.
    var accessSeconds: Int?
    var refreshSeconds: Int?
    var rotation: Rotation
    /// Whether a renewal ends the access tokens of the same grant.
    var renewalEndsAccess: Bool
    /// Live refresh tokens for one account and client; the oldest beyond it ends silently. nil: any number.
    var liveRefreshTokens: Int?
    /// What the first characters of the provider's values look like.
    var accessPrefix: String
    var refreshPrefix: String
    var codePrefix: String
}
