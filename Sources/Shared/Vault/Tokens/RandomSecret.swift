/// 32 random bytes as base64url, 43 characters: a secret for once, found by its digest.
///
/// Its form is that of PKCE's verifier (https://www.rfc-editor.org/rfc/rfc7636#section-4.1) and of a cookie's value.
package struct RandomSecret: Sendable {
    private static let byteCount = 32

    package let text: String

    /// A new one.
    package static func make() -> Self {
        var random = SystemRandomNumberGenerator()
        return make(random: &random)
    }

    static func make(random: inout some RandomNumberGenerator) -> Self {
        Self(unchecked: Base64URL.encode([UInt8].random(byteCount, &random)))
    }

    /// What somebody presents. `nil` for anything of another form.
    package init?(_ text: some StringProtocol) {
        guard Base64URL.decode(Array(text.utf8))?.count == Self.byteCount else { return nil }
        self.text = String(text)
    }

    private init(unchecked text: String) { self.text = text }

    /// SHA-256 of the text, 32 bytes. Enough for a secret of 256 random bits: there is nothing to guess.
    package var digest: [UInt8] { Digest.sha256(text.utf8) }

    /// PKCE's S256: https://www.rfc-editor.org/rfc/rfc7636#section-4.2
    package var challenge: String { Base64URL.encode(digest) }
}

extension RandomSecret: CustomStringConvertible, CustomReflectable {
    /// Without the secret.
    package var description: String { "RandomSecret(…)" }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
