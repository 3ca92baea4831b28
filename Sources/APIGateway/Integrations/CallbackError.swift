/// Why a visit to a provider's consent page came to nothing: what stands as `error` in the address the browser goes to.
struct CallbackError: Error, RawRepresentable, Hashable, Sendable {
    let rawValue: String

    init(rawValue: String) { self.rawValue = rawValue }

    /// The person said no.
    static let denied = Self(rawValue: "access_denied")
    /// The state was used already, or is older than it may be.
    static let over = Self(rawValue: "authorization_over")
    /// Another server answered than the one that was asked.
    static let wrongIssuer = Self(rawValue: "wrong_issuer")
    /// Neither a code nor an error came.
    static let unreadable = Self(rawValue: "provider_answer_unreadable")
    /// The provider gave an error that is none of the known ones.
    static let provider = Self(rawValue: "provider_error")
    /// The provider has been taken from the settings meanwhile.
    static let unavailable = Self(rawValue: "provider_unavailable")
    /// Who began may not connect accounts in that workspace any more.
    static let notPermitted = Self(rawValue: "not_permitted")

    /// https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1,
    /// https://openid.net/specs/openid-connect-core-1_0.html#AuthError,
    /// https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors
    private static let known: Set<String> = [
        "access_denied", "invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope",
        "server_error", "temporarily_unavailable", "interaction_required", "login_required", "consent_required",
        "account_selection_required", "admin_policy_enforced", "org_internal",
    ]

    /// A provider's `error`. Nothing of what it sends goes on unless it is one of the known codes.
    init(provider error: String) { self = Self.known.contains(error) ? Self(rawValue: error) : .provider }
}
