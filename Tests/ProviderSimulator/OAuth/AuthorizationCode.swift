import Foundation

/// A code on its way through the browser: good for one exchange within its life.
struct AuthorizationCode: Sendable {
    static let lifeSeconds = 60.0

    let value: String
    let owner: Owner
    let redirectURI: String
    let scopes: [String]
    /// The S256 challenge; nil for a client that need not send one.
    let challenge: String?
    let nonce: String?
    /// Whether its exchange gives a refresh token.
    let isOffline: Bool
    let issuedAt: Date
    /// A control call cut its life.
    var isExpired = false
    /// What the exchange gave; not nil: the code is used up.
    var grant: Int?

    func isLive(at now: Date) -> Bool { !isExpired && now.timeIntervalSince(issuedAt) <= Self.lifeSeconds }
}
