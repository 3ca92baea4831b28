/// Why a token or revocation request is refused; each provider has its own words for it.
enum Refusal: Error, Sendable, Equatable {
    /// The body is not what the provider reads, with the reason.
    case unreadableBody(String)
    case missing(String)
    case missingClient, unknownClient, missingSecret, wrongSecret
    case unsupportedGrant(String)
    case unknownCode, usedCode, expiredCode
    case wrongRedirect, missingVerifier, wrongVerifier
    /// The code or token is another client's.
    case otherClient
    case unknownRefreshToken
    case deadRefreshToken(IssuedToken.End)
    case widerScope
    /// At the revocation endpoint.
    case unknownToken
    /// On demand: a status with the provider's form of error.
    case status(Int)
    case rateLimited
    /// On demand: `invalid_grant` though the token is live.
    case invalidGrant
    /// On demand, Google: Cloud session control wants the person again.
    case sessionControl
    /// On demand: any `error`.
    case named(String)
}
