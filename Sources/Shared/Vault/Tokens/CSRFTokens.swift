package import FoundationEssentials

/// Tokens against requests that another site makes a browser send: base64url(16 random bytes, HMAC-SHA256 of the
/// session and those), so that a token is good for one session alone and nobody else can make one
/// (https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html).
package struct CSRFTokens: Sendable {
    private static let randomBytes = 16
    private let keys: [AuthSecrets.Key]

    package init(_ secrets: AuthSecrets) { keys = secrets.keys(for: "csrf token") }

    /// A new one; 64 characters that a cookie and a header can hold.
    package func text(session: UUID) -> String {
        var random = SystemRandomNumberGenerator()
        return text(session: session, random: &random)
    }

    func text(session: UUID, random: inout some RandomNumberGenerator) -> String {
        let random = [UInt8].random(Self.randomBytes, &random)
        return Base64URL.encode(random + code(session, random, keys[0]))
    }

    /// Whether it was made here for this session.
    package func isValid(_ text: some StringProtocol, session: UUID) -> Bool {
        guard text.utf8.count == 64, let bytes = Base64URL.decode(Array(text.utf8)) else { return false }
        let random = Array(bytes.prefix(Self.randomBytes))
        return keys.contains { Digest.areEqual(code(session, random, $0), bytes.dropFirst(Self.randomBytes)) }
    }

    /// Whether header and cookie are the same text, in a time that does not tell how much of it is.
    package func areSame(_ header: some StringProtocol, _ cookie: some StringProtocol) -> Bool {
        Digest.areEqual(Array(header.utf8), Array(cookie.utf8))
    }

    /// Each part after its length, so that no two pairs are signed as the same bytes.
    private func code(_ session: UUID, _ random: [UInt8], _ key: AuthSecrets.Key) -> [UInt8] {
        Digest.hmacSHA256(
            Array("16!".utf8) + session.bytes + Array("!16!".utf8) + random, key: key.bytes)
    }
}
