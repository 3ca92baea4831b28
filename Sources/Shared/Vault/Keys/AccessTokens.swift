package import FoundationEssentials
import Synchronization

/// What an access token says.
package struct AccessClaims: Hashable, Sendable {
    package let user: UUID
    package let session: UUID
    /// The token's own id, `jti`.
    package let id: UUID
    package let issuedAt: Date
    package let expiresAt: Date
}

/// A token that was just made.
package struct IssuedToken: Sendable {
    /// A secret.
    package let text: String
    /// `expires_in` of OAuth: seconds from now.
    package let expiresIn: Int
    package let expiresAt: Date
}

/// Makes and verifies Errand's access tokens: JWTs of the form of RFC 9068 (`typ: at+jwt`), signed by the first of the
/// signing keys, verified by the one their `kid` names.
package final class AccessTokens: Sendable {
    package static let type = "at+jwt"
    package static let audience = "errand"
    /// By how many seconds the clocks of two gateways may differ.
    static let leewaySeconds = 60.0

    private let keys: SigningKeys
    private let issuer: String
    private let lifeSeconds: Int
    private let now: @Sendable () -> Date
    private let cache: Mutex<TokenCache<AccessClaims>>

    /// - Parameters:
    ///   - issuer: `iss`; AUTH_ISSUER.
    ///   - lifeSeconds: how long a token is good.
    ///   - cacheCapacity: how many verified tokens are remembered, so that seeing them again costs a digest.
    ///   - now: the clock.
    package init(
        keys: SigningKeys, issuer: String = "errand", lifeSeconds: Int = 900, cacheCapacity: Int = 10_000,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.keys = keys
        self.issuer = issuer
        self.lifeSeconds = lifeSeconds
        self.now = now
        cache = Mutex(TokenCache(capacity: cacheCapacity))
    }

    /// A new token for a session.
    ///
    /// - Throws: `library` when signing fails.
    package func issue(user: UUID, session: UUID) throws(VaultError) -> IssuedToken {
        let key = keys.current.keys.first
        let issuedAt = Int64(now().timeIntervalSince1970)
        let expiresAt = issuedAt + Int64(lifeSeconds)
        let header = JSONText.object([
            .text("alg", key.algorithm.rawValue), .text("kid", key.kid), .text("typ", Self.type),
        ])
        let claims = JSONText.object([
            .text("iss", issuer), .text("aud", Self.audience), .text("sub", user.text), .text("sid", session.text),
            .number("iat", issuedAt), .number("exp", expiresAt), .text("jti", UUID().text),
        ])
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
        let signature = try key.key.sign(Array(signed.utf8))
        return IssuedToken(
            text: signed + "." + Base64URL.encode(signature), expiresIn: lifeSeconds,
            expiresAt: Date(timeIntervalSince1970: Double(expiresAt)))
    }

    /// What the token says, if it is one of ours and good now. Whether its session still lives is not looked at.
    ///
    /// Synchronous: some microseconds for a token seen before, some hundred for a new one. Whoever has an ES256 token
    /// can write a second text of it (s' = n - s is as good a signature), which does not matter: it says the same, and
    /// nothing but a place in the cache goes by a token's text.
    /// - Throws: why it is refused.
    package func verify(_ text: String) throws(TokenRefusal) -> AccessClaims {
        guard text.utf8.count <= CompactToken.maxBytes else {
            throw .malformed("longer than \(CompactToken.maxBytes) bytes")
        }
        let (keys, version) = keys.current
        let digest = Digest.sha256(text.utf8)
        let now = now()
        if let known = cache.withLock({ $0.finding(for: digest, version: version) }) {
            guard now < known.expiresAt else {
                cache.withLock { $0.remove(digest) }
                throw .expired
            }
            return known
        }
        let claims = try verify(CompactToken(text), keys, now)
        cache.withLock { $0.insert(claims, for: digest, version: version) }
        return claims
    }

    private func verify(_ token: CompactToken, _ keys: SigningKeySet, _ now: Date) throws(TokenRefusal) -> AccessClaims
    {
        guard token.type == Self.type else { throw .malformed("typ is not \(Self.type)") }
        guard let kid = token.keyID, let key = keys[kid], key.algorithm.rawValue == token.algorithm else {
            throw .unknownKey
        }
        guard key.key.verifies(token.signature, of: token.signed) else { throw .badSignature }
        try token.claims.require("iss", issuer)
        guard case .string(Self.audience) = token.claims.members["aud"] else { throw .claim("aud") }
        let expiresAt = try token.claims.requireLive(at: now, leeway: Self.leewaySeconds, grace: 0)
        return AccessClaims(
            user: try token.claims.uuid("sub"), session: try token.claims.uuid("sid"),
            id: try token.claims.uuid("jti"), issuedAt: try token.claims.date("iat"), expiresAt: expiresAt)
    }
}
