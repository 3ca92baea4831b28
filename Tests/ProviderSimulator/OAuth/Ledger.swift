import Foundation

/// Everything that the simulated providers know: people, clients, consents, codes and tokens. Plain values; `Accounts`
/// guards it.
struct Ledger: Sendable {
    private(set) var accounts: [String: Account] = [:]
    private(set) var accountNames: [String] = []
    private(set) var clients: [ProviderKind: [String: RegisteredClient]] = [:]
    /// The scopes that a person has granted to a client, in the order of granting.
    var consents: [Owner: [String]] = [:]
    var codes: [String: AuthorizationCode] = [:]
    private(set) var tokens: [String: IssuedToken] = [:]
    private(set) var valuesOfGrant: [Int: [String]] = [:]
    private(set) var grantsOfOwner: [Owner: [Int]] = [:]
    private var grantCount = 0
    private var tokenCount = 0
    private var values: TokenValues

    /// Beyond it, tokens that have ended are forgotten.
    private static let tokenLimit = 1_000_000

    /// - Parameter seed: the same seed gives the same tokens in the same order.
    init(seed: String) {
        values = TokenValues(seed: seed)
        for (name, title) in [("ada", "Ada Lovelace"), ("grace", "Grace Hopper"), ("alan", "Alan Turing")] {
            add(account: name, title: title)
        }
    }

    // MARK: People and clients

    /// An account of that name, which is there afterwards; one that exists stays as it is.
    @discardableResult
    mutating func add(account name: String, title: String? = nil, email: String? = nil) -> Account {
        if let known = accounts[name] { return known }
        let account = Account(
            name: name, title: title ?? name.capitalized, email: email ?? "\(name)@example.com",
            number: accounts.count + 1)
        accounts[name] = account
        accountNames.append(name)
        return account
    }

    mutating func register(_ client: RegisteredClient) {
        clients[client.provider, default: [:]][client.id] = client
    }

    func client(_ id: String, at provider: ProviderKind) -> RegisteredClient? { clients[provider]?[id] }

    // MARK: Tokens

    /// A number for a new lineage of tokens.
    mutating func openGrant(for owner: Owner) -> Int {
        grantCount += 1
        grantsOfOwner[owner, default: []].append(grantCount)
        return grantCount
    }

    mutating func newValue(_ prefix: String, bytes: Int) -> String { values.next(prefix, bytes: bytes) }

    mutating func issue(
        _ kind: IssuedToken.Kind, _ value: String, owner: Owner, scopes: [String], grant: Int, at now: Date,
        seconds: Int?
    ) -> IssuedToken {
        tokenCount += 1
        let token = IssuedToken(
            id: tokenCount, value: value, kind: kind, owner: owner, scopes: scopes, grant: grant, issuedAt: now,
            expiresAt: seconds.map { now.addingTimeInterval(Double($0)) })
        if tokens.count >= Self.tokenLimit { forgetEnded(at: now) }
        tokens[value] = token
        valuesOfGrant[grant, default: []].append(value)
        return token
    }

    private mutating func forgetEnded(at now: Date) {
        tokens = tokens.filter { $0.value.isLive(at: now) }
        for (grant, values) in valuesOfGrant { valuesOfGrant[grant] = values.filter { tokens[$0] != nil } }
    }

    mutating func change(_ value: String, _ body: (inout IssuedToken) -> Void) {
        guard var token = tokens[value] else { return }
        body(&token)
        tokens[value] = token
    }

    /// Ends what is live of a grant; `kind` nil: both kinds.
    mutating func end(grant: Int, _ kind: IssuedToken.Kind? = nil, as end: IssuedToken.End, at now: Date) {
        for value in valuesOfGrant[grant] ?? [] {
            change(value) { token in
                if token.isLive(at: now), kind == nil || token.kind == kind { token.end = end }
            }
        }
    }

    /// The owners among whom a control call or a revocation chooses.
    func owners(where matches: (Owner) -> Bool) -> [Owner] { grantsOfOwner.keys.filter(matches) }

    /// An owner's tokens in the order of issue.
    func tokens(of owner: Owner) -> [IssuedToken] {
        (grantsOfOwner[owner] ?? []).flatMap { valuesOfGrant[$0] ?? [] }.compactMap { tokens[$0] }
            .sorted { $0.id < $1.id }
    }
}
