/// Whose requests are counted together: an account at the provider, whatever workspaces it is connected to.
struct QuotaUser: Hashable, Sendable, CustomStringConvertible {
    /// The account's id at the provider.
    let description: String

    init(accountID: String) { description = accountID }
}
