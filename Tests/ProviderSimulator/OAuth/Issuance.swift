/// What an exchange or a renewal gave.
struct Issuance: Sendable {
    var account: Account
    var client: RegisteredClient
    var access: IssuedToken
    /// nil: none was given this time.
    var refresh: IssuedToken?
    var scopes: [String]
    var nonce: String?
    var isExchange: Bool
}
