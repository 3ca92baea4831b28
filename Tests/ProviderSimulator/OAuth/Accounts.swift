import Foundation
import Synchronization

/// The one place of the simulated people and their tokens, for the OAuth endpoints and for the APIs that the tokens
/// open.
final class Accounts: Sendable {
    /// Why an API call's token does not do.
    enum BearerRefusal: Error, Sendable, Equatable {
        case missing, unknown
        case ended(IssuedToken.End)
        /// The token is good, but not for this.
        case insufficientScope
    }

    private let ledger: Mutex<Ledger>
    private let seed: String?
    private let clients: [RegisteredClient]

    /// - Parameters:
    ///   - seed: nil: tokens of their own in every run, so that one of an earlier run means nothing.
    ///   - clients: registered from the start.
    init(seed: String? = nil, clients: [RegisteredClient] = []) {
        self.seed = seed
        self.clients = clients
        ledger = Mutex(Self.start(seed, clients))
    }

    private static func start(_ seed: String?, _ clients: [RegisteredClient]) -> Ledger {
        var ledger = Ledger(seed: seed ?? String(UInt64.random(in: 0 ... .max), radix: 36))
        for client in clients { ledger.register(client) }
        return ledger
    }

    func with<Result: Sendable, Failure: Error>(
        _ body: (inout Ledger) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try ledger.withLock { (ledger) throws(Failure) in try body(&ledger) }
    }

    /// Back to the start: the first people and clients, no consent, no token.
    func reset() { ledger.withLock { $0 = Self.start(seed, clients) } }

    /// Whom an API call's token stands for.
    /// - Parameters:
    ///   - authorization: the value of the `Authorization` header.
    ///   - scopes: of which the token must have one; empty: any token does.
    func bearer(
        _ authorization: String?, at provider: ProviderKind, anyOf scopes: [String] = [], now: Date = Date()
    ) throws(BearerRefusal) -> (account: Account, token: IssuedToken) {
        guard let value = Self.bearerValue(authorization) else { throw .missing }
        let found = with { ledger in
            ledger.tokens[value].flatMap { token in ledger.accounts[token.owner.account].map { ($0, token) } }
        }
        guard let (account, token) = found, token.kind == .access, token.owner.provider == provider else {
            throw .unknown
        }
        if let end = token.end { throw .ended(end) }
        guard token.isLive(at: now) else { throw .ended(.expired) }
        guard scopes.isEmpty || scopes.contains(where: token.scopes.contains) else { throw .insufficientScope }
        return (account, token)
    }

    /// The token of `Bearer TOKEN`; nil: another scheme or nothing.
    static func bearerValue(_ authorization: String?) -> String? {
        guard let parts = authorization?.split(separator: " "), parts.count == 2, parts[0].lowercased() == "bearer"
        else { return nil }
        return String(parts[1])
    }
}
