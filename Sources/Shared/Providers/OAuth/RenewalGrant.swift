/// A refresh token, to be traded for the next access token.
package struct RenewalGrant: Sendable, Undisclosed {
    package var refreshToken: String
    /// As they were granted.
    package var scopes: [String]
    package var host: String?
    /// The whole exchange is over by then.
    package var deadline: Duration

    package init(refreshToken: String, scopes: [String], host: String? = nil, deadline: Duration = .seconds(20)) {
        self.refreshToken = refreshToken
        self.scopes = scopes
        self.host = host
        self.deadline = deadline
    }
}
