/// One account's dealings with one client of one provider.
struct Owner: Sendable, Hashable {
    let provider: ProviderKind
    let clientID: String
    let account: String
}
