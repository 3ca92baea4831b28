/// The endpoints of a provider, as control calls name them.
enum OAuthEndpoint: String, Sendable {
    case authorize, token, revoke, certs
}
