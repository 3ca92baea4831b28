package import FoundationEssentials
package import Logging
import Synchronization

/// What a token of another issuer says of its bearer.
package struct ForeignClaims: Hashable, Sendable {
    /// `iss`; with `subject` it tells who somebody is.
    package let issuer: String
    package let subject: UUID
    /// As the issuer has it; not trimmed, not in lower case. `nil`: none.
    package let email: String?
    /// True only when the token itself says `email_verified`, outside `user_metadata`, which its bearer can write to.
    /// An address that is not verified must not lead to an account that exists already.
    package let isEmailVerified: Bool
    /// Somebody who gave no name and no address.
    package let isAnonymous: Bool
    package let session: UUID?
    package let expiresAt: Date
}

/// Verifies Supabase's access tokens: signed by its HS256 secret, or by a key of its published JWK set (ES256, RS256,
/// EdDSA) that the token's `kid` names. https://supabase.com/docs/guides/auth/signing-keys
///
/// Which algorithm a key is good for, the key decides: HS256 means the configured secret and never a published key.
package final class ForeignTokens: Sendable {
    package static let audience = "authenticated"
    /// By how many seconds the issuer's clock may differ from ours.
    static let leewaySeconds = 60.0

    private struct Known {
        let claims: ForeignClaims
        /// `nil`: signed by the secret.
        let kid: String?
    }

    private let issuer: String
    private let secret: JSONWebKey?
    private let published: PublishedKeys?
    private let now: @Sendable () -> Date
    private let cache: Mutex<TokenCache<Known>>

    /// `iss` of the tokens of a project, for SUPABASE_URL.
    package static func issuer(ofProject url: String) -> String {
        (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/auth/v1"
    }

    /// Where the project publishes its keys: what `fetch` gets.
    package static func keysURL(ofProject url: String) -> String { issuer(ofProject: url) + "/.well-known/jwks.json" }

    /// - Parameters:
    ///   - projectURL: SUPABASE_URL, such as https://abc.supabase.co.
    ///   - secret: SUPABASE_JWT_SECRET; `nil` when the project signs by published keys only.
    ///   - deadline: after which a fetch counts as failed.
    ///   - now: the clock.
    ///   - fetch: gets the body of `keysURL`. `nil` when only the secret is used.
    /// - Throws: `setting` for a secret shorter than 32 bytes, and when there is neither.
    package init(
        projectURL: String, secret: String?, cacheCapacity: Int = 10_000, deadline: Duration = .seconds(10),
        logger: Logger, now: @escaping @Sendable () -> Date = { Date() },
        fetch: (@Sendable () async throws -> [UInt8])?
    ) async throws(VaultError) {
        guard secret != nil || fetch != nil else { throw .setting("neither a secret nor published keys") }
        do {
            self.secret = if let secret { try await JSONWebKey(secret: Array(secret.utf8), name: nil) } else { nil }
        } catch {
            throw .setting("the JWT secret needs at least 32 bytes")
        }
        issuer = Self.issuer(ofProject: projectURL)
        published = fetch.map { PublishedKeys(deadline: deadline, logger: logger, now: now, fetch: $0) }
        self.now = now
        cache = Mutex(TokenCache(capacity: cacheCapacity))
    }

    /// What the token says, if it is this issuer's and good now.
    ///
    /// - Throws: `TokenRefusal`, why it is refused; `CancellationError` while waiting for keys.
    package func verify(_ text: String) async throws -> ForeignClaims {
        guard text.utf8.count <= CompactToken.maxBytes else {
            throw TokenRefusal.malformed("longer than \(CompactToken.maxBytes) bytes")
        }
        let digest = Digest.sha256(text.utf8)
        if let claims = try await known(digest) { return claims }
        let token = try CompactToken(text)
        // Before the key is chosen: what an outdated key verified is not remembered.
        let version = published?.version ?? 0
        let key = try await key(for: token)
        guard key.verifies(token.signature, of: token.signed) else { throw TokenRefusal.badSignature }
        let claims = try claims(of: token.claims)
        let finding = Known(claims: claims, kid: key.algorithm == .hs256 ? nil : token.keyID)
        cache.withLock { $0.insert(finding, for: digest, version: version) }
        return claims
    }

    /// `nil` for a token that was not verified before with the keys of now.
    private func known(_ digest: [UInt8]) async throws -> ForeignClaims? {
        guard let known = cache.withLock({ $0.finding(for: digest, version: published?.version ?? 0) }) else {
            return nil
        }
        guard now().timeIntervalSince(known.claims.expiresAt) < Self.leewaySeconds else { throw TokenRefusal.expired }
        if let kid = known.kid, let published {
            let version = published.version
            _ = try await published.key(kid)
            if published.version != version { return nil }
        }
        return known.claims
    }

    private func key(for token: CompactToken) async throws -> JSONWebKey {
        guard let algorithm = SignatureAlgorithm(rawValue: token.algorithm) else { throw TokenRefusal.unknownKey }
        if algorithm == .hs256 {
            let namesPublished = token.keyID.map { published?.isPublished($0) ?? false } ?? false
            guard let secret, !namesPublished else { throw TokenRefusal.unknownKey }
            return secret
        }
        guard let kid = token.keyID, let published else { throw TokenRefusal.unknownKey }
        let key = try await published.key(kid)
        guard key.algorithm == algorithm else { throw TokenRefusal.unknownKey }
        return key
    }

    private func claims(of claims: Claims) throws(TokenRefusal) -> ForeignClaims {
        try claims.require("iss", issuer)
        try claims.requireAudience(Self.audience)
        let expiresAt = try claims.requireLive(at: now(), leeway: Self.leewaySeconds, grace: Self.leewaySeconds)
        let email = claims.members["email"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        return ForeignClaims(
            issuer: issuer, subject: try claims.uuid("sub"), email: email,
            isEmailVerified: email != nil && claims.members["email_verified"]?.bool == true,
            isAnonymous: claims.members["is_anonymous"]?.bool == true,
            session: claims.members["session_id"]?.string.flatMap { UUID(text: $0) }, expiresAt: expiresAt)
    }
}
