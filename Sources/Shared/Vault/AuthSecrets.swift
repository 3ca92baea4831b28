/// The secrets of AUTH_SECRET, and the keys that are derived from them, one for each purpose (HKDF-SHA256, RFC 5869).
///
/// The first signs, all verify: a new secret is put in front, and the old one goes when what it signed has expired.
package struct AuthSecrets: Sendable {
    package static let minCharacters = 32
    package static let maxSecrets = 8

    /// A key derived from one secret for one purpose.
    struct Key: Sendable {
        /// Tells which secret it comes from, also after others were put before it. Two secrets may share it.
        let id: UInt8
        let bytes: [UInt8]
    }

    private let secrets: [[UInt8]]

    /// - Parameter text: one or several secrets, separated by commas; white space around them does not count.
    /// - Throws: `VaultError.setting` when one is shorter than 32 characters, appears twice, or there are more than 8.
    package init(_ text: String) throws(VaultError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed() }
        guard parts.allSatisfy({ $0.count >= Self.minCharacters }) else {
            throw .setting("each secret needs at least \(Self.minCharacters) characters")
        }
        guard parts.count <= Self.maxSecrets else { throw .setting("more than \(Self.maxSecrets) secrets") }
        guard Set(parts.map { String($0) }).count == parts.count else { throw .setting("a secret appears twice") }
        secrets = parts.map { Array(String($0).utf8) }
    }

    /// The keys of a purpose, in the order of the secrets.
    func keys(for purpose: String) -> [Key] {
        secrets.map { secret in
            Key(
                id: Digest.hkdfSHA256(secret, info: Array("errand key id".utf8), count: 1)[0],
                bytes: Digest.hkdfSHA256(secret, info: Array("errand \(purpose) v1".utf8), count: 32))
        }
    }
}
