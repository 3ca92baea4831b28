/// What a provider gave, in plain text, on its way into a connection's row.
package struct TokenSet: Sendable {
    package var accessToken: String
    /// `nil`: the one before it goes on.
    package var refreshToken: String?
    /// Life of the access token, in seconds from now. `nil`: it has no end.
    package var expiresInSeconds: Int?
    package var refreshExpiresInSeconds: Int?
    /// As granted. `nil`: as before.
    package var scopes: [String]?

    package init(
        accessToken: String, refreshToken: String?, expiresInSeconds: Int?, refreshExpiresInSeconds: Int?,
        scopes: [String]?
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.expiresInSeconds = expiresInSeconds
        self.refreshExpiresInSeconds = refreshExpiresInSeconds
        self.scopes = scopes
    }
}

/// When tokens are renewed ahead of their end.
package struct RenewalMargin: Sendable, Equatable {
    /// So long before the end of an access token, in seconds.
    package var seconds: Int
    /// Up to so much earlier still, by chance: what was connected together is not renewed together.
    package var jitterSeconds: Int

    /// An access token of an hour is renewed 10 to 15 minutes before its end.
    package static let standard = RenewalMargin(seconds: 600, jitterSeconds: 300)

    package init(seconds: Int, jitterSeconds: Int) {
        self.seconds = seconds
        self.jitterSeconds = jitterSeconds
    }

    /// A token without a known end is renewed once a day: a connection that was revoked does not pass for a good one.
    private static let endlessSeconds = 24 * 3600

    /// Seconds from now until a token of this life is to be renewed: at least half of its life.
    /// - Parameter life: `nil`: it has no known end.
    func delaySeconds(life: Int?, random: inout some RandomNumberGenerator) -> Int {
        let jitter = jitterSeconds > 0 ? Int.random(in: 0...jitterSeconds, using: &random) : 0
        guard let life else { return Self.endlessSeconds - jitter }
        return max(life / 2, life - seconds - jitter)
    }
}
