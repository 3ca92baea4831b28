import Domain

/// A token or revocation endpoint's "no". Read for its `error` and subtype first, for its status last.
struct OAuthRejection: Equatable {
    /// The HTTP status of the answer.
    var status: Int
    var error: OAuthError
    var advice = RetryAdvice()

    var failure: Failure { reason ?? failure(forStatus: status) }

    /// Whether the token that was to be revoked is dead already.
    var isOfDeadToken: Bool { mentions(Self.deadTokenReasons) }

    /// Whether it is from a server in front of the provider, or of a provider that broke off: it may have acted.
    /// https://www.rfc-editor.org/rfc/rfc9110#section-15.6; 520 and above:
    /// https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
    var leavesOutcomeOpen: Bool {
        switch status {
        case 408, 500, 502, 504, 520...599: reason == nil
        default: false
        }
    }

    // MARK: The provider's reason

    private var reason: Failure? {
        if mentions(Self.policyReasons) {
            return reconnect("admin_policy", "An administrator does not allow this connection")
        }
        if mentions(Self.sessionReasons) {
            return reconnect("session_control", "The organisation's session length has passed")
        }
        if mentions(Self.personReasons) {
            return reconnect("interaction_required", "The provider asks the person to sign in again")
        }
        if mentions(Self.grantReasons) {
            return reconnect("invalid_grant", "The provider no longer accepts this grant: revoked, expired or used up")
        }
        if mentions(Self.denialReasons) {
            return reconnect("access_denied", "The provider denies this account the connection")
        }
        if mentions(Self.clientReasons) { return misconfigured }
        if mentions(Self.rateReasons) { return rateLimited }
        return mentions(Self.outageReasons) ? unavailable : nil
    }

    /// Google, as `error` or `error_subtype`: https://developers.google.com/identity/protocols/oauth2#expiration
    private static let policyReasons: Set = ["admin_policy_enforced"]
    /// https://developers.google.com/identity/protocols/oauth2#expiration
    private static let sessionReasons: Set = ["invalid_rapt"]
    /// https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow (error codes for token
    /// endpoint errors); `login_required`: https://openid.net/specs/openid-connect-core-1_0.html#AuthError
    private static let personReasons: Set = ["interaction_required", "consent_required", "login_required"]
    /// https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    private static let grantReasons: Set = ["invalid_grant"]
    private static let denialReasons: Set = ["access_denied"]
    /// This service's registration is wrong, whatever the connection. The last four are Google's and Microsoft's.
    private static let clientReasons: Set = [
        "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
        "redirect_uri_mismatch", "deleted_client", "disabled_client", "invalid_resource",
    ]
    /// `rate_limited`: Notion.
    private static let rateReasons: Set = ["rate_limited", "rate_limit_exceeded", "slow_down"]
    /// `internal_failure`: Google. `service_unavailable`, `internal_server_error`, `conflict_error`: Notion.
    private static let outageReasons: Set = [
        "temporarily_unavailable", "server_error", "internal_failure", "service_unavailable",
        "internal_server_error", "conflict_error",
    ]
    /// `invalid_token`: Google's revocation endpoint, of a token that is revoked or expired.
    private static let deadTokenReasons: Set = ["invalid_token", "invalid_grant"]

    private func mentions(_ reasons: Set<String>) -> Bool {
        [error.error, error.subtype].contains { $0.map(reasons.contains) ?? false }
    }

    // MARK: The status

    private func failure(forStatus status: Int) -> Failure {
        switch status {
        case 429: rateLimited
        case 408: retry("provider_timeout", "The provider did not answer in time")
        case 409, 425, 500...599: unavailable
        case 401, 403: misconfigured
        case 300..<400, 404, 405:
            Failure(
                .permanent, code: "provider_misconfigured",
                message: "The provider's address does not lead to its token endpoint.")
        case 400..<500: Failure(.permanent, code: "invalid_request", message: "The provider refused the request.")
        default: .protocolViolation
        }
    }

    // MARK: Failures

    private func reconnect(_ code: String, _ sentence: String) -> Failure {
        Failure(.needsReconnect, code: code, message: sentence + ": connect the account again.")
    }

    private var misconfigured: Failure {
        let word = error.error.flatMap { Self.clientReasons.contains($0) ? " (\($0))." : nil } ?? "."
        return Failure(
            .permanent, code: "provider_misconfigured",
            message: "The provider refused this service's registration" + word)
    }

    private var rateLimited: Failure {
        var failure = retry("rate_limited", "The provider allows no more requests at the moment")
        failure.burnsAttempt = advice.delaySeconds == nil
        return failure
    }

    private var unavailable: Failure { retry("provider_unavailable", "The provider cannot answer at the moment") }

    private func retry(_ code: String, _ sentence: String) -> Failure {
        Failure(.retry, code: code, message: sentence + ".", retryAfterSeconds: advice.delaySeconds)
    }
}
