import Crypto
import Foundation

extension Ledger {
    /// Records the consent and makes the code that goes back through the browser.
    mutating func allow(
        _ request: AuthorizationRequest, owner: Owner, scopes: [String], isOffline: Bool, rules: TokenRules,
        at now: Date
    ) -> AuthorizationCode {
        consents[owner] = (consents[owner] ?? []).merging(scopes)
        let code = AuthorizationCode(
            value: newValue(rules.codePrefix, bytes: 48), owner: owner, redirectURI: request.redirectURI,
            scopes: scopes, challenge: request.challenge, nonce: request.nonce, isOffline: isOffline, issuedAt: now)
        codes[code.value] = code
        return code
    }

    /// RFC 6749, section 4.1.3, with the verifier of RFC 7636, section 4.6.
    mutating func exchange(
        _ request: CodeExchange, client: RegisteredClient, rules: TokenRules, at now: Date
    ) throws(Refusal) -> Issuance {
        guard let code = codes[request.code], let account = accounts[code.owner.account] else { throw .unknownCode }
        guard code.owner.clientID == client.id, code.owner.provider == client.provider else { throw .otherClient }
        if let grant = code.grant {
            // Somebody has the code twice: what it gave is in doubt (RFC 6749, section 4.1.2).
            end(grant: grant, as: .codeReused, at: now)
            throw .usedCode
        }
        guard code.isLive(at: now) else { throw .expiredCode }
        if request.redirectURI != code.redirectURI { throw .wrongRedirect }
        try Self.check(request.verifier, against: code.challenge)
        let grant = openGrant(for: code.owner)
        codes[code.value]?.grant = grant
        let access = giveAccess(code.owner, code.scopes, grant, rules, now)
        let refresh = code.isOffline ? giveRefresh(code.owner, code.scopes, grant, rules, client, now) : nil
        return Issuance(
            account: account, client: client, access: access, refresh: refresh, scopes: code.scopes,
            nonce: code.nonce, isExchange: true)
    }

    /// Consent and exchange in one, without a browser; nil: there is no such account.
    mutating func grant(
        to client: RegisteredClient, account name: String, scopes: [String], rules: TokenRules, at now: Date
    ) -> Issuance? {
        guard let account = accounts[name] else { return nil }
        let owner = Owner(provider: client.provider, clientID: client.id, account: name)
        consents[owner] = (consents[owner] ?? []).merging(scopes)
        let grant = openGrant(for: owner)
        let access = giveAccess(owner, scopes, grant, rules, now)
        let refresh = giveRefresh(owner, scopes, grant, rules, client, now)
        return Issuance(
            account: account, client: client, access: access, refresh: refresh, scopes: scopes, isExchange: true)
    }

    private static func check(_ verifier: String?, against challenge: String?) throws(Refusal) {
        guard let challenge else { return }
        guard let verifier else { throw .missingVerifier }
        let isWellFormed = verifier.wholeMatch(of: /[A-Za-z0-9._~\-]{43,128}/) != nil
        guard isWellFormed, Base64URL.text(SHA256.hash(data: Data(verifier.utf8))) == challenge else {
            throw .wrongVerifier
        }
    }

    /// RFC 6749, section 6.
    /// - Parameter scopes: a part of those granted; nil: all.
    mutating func renew(
        _ value: String, scopes: [String]?, client: RegisteredClient, rules: TokenRules, at now: Date
    ) throws(Refusal) -> Issuance {
        guard let token = tokens[value], token.kind == .refresh, token.owner.provider == client.provider,
            let account = accounts[token.owner.account]
        else { throw .unknownRefreshToken }
        guard token.owner.clientID == client.id else { throw .otherClient }
        if let end = token.end { throw .deadRefreshToken(end) }
        guard token.isLive(at: now) else { throw .deadRefreshToken(.expired) }
        let asked = scopes ?? token.scopes
        guard asked.allSatisfy(token.scopes.contains) else { throw .widerScope }
        if rules.renewalEndsAccess { end(grant: token.grant, .access, as: .replaced, at: now) }
        if rules.rotation == .replaces { change(value) { $0.end = .replaced } }
        let access = giveAccess(token.owner, asked, token.grant, rules, now)
        let refresh =
            rules.rotation == .none ? nil : giveRefresh(token.owner, token.scopes, token.grant, rules, client, now)
        return Issuance(
            account: account, client: client, access: access, refresh: refresh, scopes: asked, isExchange: false)
    }

    private mutating func giveAccess(
        _ owner: Owner, _ scopes: [String], _ grant: Int, _ rules: TokenRules, _ now: Date
    ) -> IssuedToken {
        let value = newValue(rules.accessPrefix, bytes: 96)
        return issue(
            .access, value, owner: owner, scopes: scopes, grant: grant, at: now, seconds: rules.accessSeconds)
    }

    private mutating func giveRefresh(
        _ owner: Owner, _ scopes: [String], _ grant: Int, _ rules: TokenRules, _ client: RegisteredClient, _ now: Date
    ) -> IssuedToken {
        let value = newValue(rules.refreshPrefix, bytes: 60)
        let token = issue(
            .refresh, value, owner: owner, scopes: scopes, grant: grant, at: now,
            seconds: client.refreshExpiresInSeconds ?? rules.refreshSeconds)
        if let limit = rules.liveRefreshTokens {
            let live = tokens(of: owner).filter { $0.kind == .refresh && $0.isLive(at: now) }
            for oldest in live.dropLast(limit) { change(oldest.value) { $0.end = .displaced } }
        }
        return token
    }
}

extension [String] {
    /// These and those of `others` that are not among them.
    func merging(_ others: [String]) -> [String] {
        self + others.filter { !contains($0) }
    }
}
