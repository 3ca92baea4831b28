extension GoogleProvider {
    /// Codes and texts as the token endpoint answers them.
    /// https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors
    func reply(to refusal: Refusal) -> OAuthReply {
        switch refusal {
        case .unreadableBody(let reason): .refused(400, "invalid_request", reason)
        case .missing(let name): .refused(400, "invalid_request", "Missing required parameter: \(name)")
        case .missingClient: .refused(400, "invalid_request", "Could not determine client ID from request.")
        case .unknownClient: .refused(401, "invalid_client", "The OAuth client was not found.")
        case .missingSecret: .refused(400, "invalid_request", "client_secret is missing.")
        case .wrongSecret: .refused(401, "invalid_client", "Unauthorized")
        case .unsupportedGrant(let name): .refused(400, "unsupported_grant_type", "Invalid grant_type: \(name)")
        case .unknownCode: .refused(400, "invalid_grant", "Malformed auth code.")
        case .wrongRedirect: .refused(400, "redirect_uri_mismatch", "Bad Request")
        case .missingVerifier: .refused(400, "invalid_grant", "Missing code verifier.")
        case .wrongVerifier: .refused(400, "invalid_grant", "Invalid code verifier.")
        case .otherClient: .refused(401, "unauthorized_client", "Unauthorized")
        case .deadRefreshToken: .refused(400, "invalid_grant", "Token has been expired or revoked.")
        case .usedCode, .expiredCode, .unknownRefreshToken: .refused(400, "invalid_grant", "Bad Request")
        case .widerScope: .refused(400, "invalid_scope", "Bad Request")
        case .unknownToken: .refused(400, "invalid_token", "Token expired or revoked")
        case .invalidGrant: .refused(400, "invalid_grant", "Token has been expired or revoked.")
        // https://support.google.com/a/answer/9368756
        case .sessionControl:
            .refused(
                400, "invalid_grant", "reauth related error (invalid_rapt)",
                more: [
                    .init(name: "error_uri", value: "https://support.google.com/a/answer/9368756"),
                    .init(name: "error_subtype", value: "invalid_rapt"),
                ])
        case .rateLimited: .refused(429, "rate_limit_exceeded", "Rate Limit Exceeded")
        case .named(let name): .refused(400, name, "Simulated")
        case .status(let status): .refused(status, status >= 500 ? "internal_failure" : "invalid_request", "Simulated")
        }
    }
}
