import Foundation

extension Ledger {
    /// The person takes back what a client was given: every token ends, and the next consent is a first one.
    /// - Parameters: nil: at every provider, from every client.
    /// - Returns: how many tokens were live.
    mutating func revoke(account: String, provider: ProviderKind? = nil, clientID: String? = nil, at now: Date) -> Int {
        let owners = owners { owner in
            owner.account == account && (provider ?? owner.provider) == owner.provider
                && (clientID ?? owner.clientID) == owner.clientID
        }
        return owners.reduce(0) { $0 + revoke($1, at: now) }
    }

    /// - Returns: how many tokens were live.
    mutating func revoke(_ owner: Owner, at now: Date) -> Int {
        consents[owner] = nil
        let live = tokens(of: owner).filter { $0.isLive(at: now) }
        for token in live { change(token.value) { $0.end = .revoked } }
        return live.count
    }

    /// Ends a token with all of its grant.
    mutating func revokeGrant(of token: IssuedToken, at now: Date) {
        end(grant: token.grant, as: .revoked, at: now)
    }

    /// Lets live tokens of a kind run out.
    /// - Parameters: nil: at every provider, of every account.
    /// - Returns: how many there were.
    mutating func expire(
        _ kind: IssuedToken.Kind, provider: ProviderKind? = nil, account: String? = nil, at now: Date
    ) -> Int {
        let chosen = owners { owner in
            (provider ?? owner.provider) == owner.provider && (account ?? owner.account) == owner.account
        }
        let live = chosen.flatMap { tokens(of: $0) }.filter { $0.kind == kind && $0.isLive(at: now) }
        for token in live { change(token.value) { $0.end = .expired } }
        return live.count
    }

    /// Lets the codes run out that nobody has used.
    /// - Returns: how many there were.
    mutating func expireCodes(at now: Date) -> Int {
        let live = codes.values.filter { $0.grant == nil && $0.isLive(at: now) }
        for code in live { codes[code.value]?.isExpired = true }
        return live.count
    }
}
