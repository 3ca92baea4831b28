/// The algorithms of JSON Web Signatures (RFC 7518 section 3.1, RFC 8037) that are accepted from anyone. There is no
/// `none`. A key is good for exactly one of them.
package enum SignatureAlgorithm: String, Sendable, CaseIterable {
    /// ECDSA over P-256 with SHA-256.
    case es256 = "ES256"
    /// Ed25519.
    case eddsa = "EdDSA"
    /// HMAC-SHA256: whoever can verify can sign.
    case hs256 = "HS256"
    /// RSA PKCS #1 v1.5 with SHA-256. Verified for others, never used to sign.
    case rs256 = "RS256"
}
