/// What a provider gave for a code or a refresh token.
package struct TokenGrant: Sendable, Equatable, Undisclosed {
    package var accessToken: String
    /// `nil` when the one before it goes on.
    package var refreshToken: String?
    /// Life of the access token from the answer on; `nil` when the provider does not say.
    package var expiresInSeconds: Int?
    /// Life of the refresh token from the answer on; `nil` when it has no set end.
    package var refreshExpiresInSeconds: Int?
    /// As granted, which may be fewer than were asked for. Empty where the provider knows none.
    package var scopes: [String]
    /// Whose account it is; `nil` after a renewal, and where the provider does not say.
    package var account: ProviderAccount?

    package init(
        accessToken: String, refreshToken: String? = nil, expiresInSeconds: Int? = nil,
        refreshExpiresInSeconds: Int? = nil, scopes: [String] = [], account: ProviderAccount? = nil
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.expiresInSeconds = expiresInSeconds
        self.refreshExpiresInSeconds = refreshExpiresInSeconds
        self.scopes = scopes
        self.account = account
    }
}
