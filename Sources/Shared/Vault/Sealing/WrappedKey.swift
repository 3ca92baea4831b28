/// A data key as it is stored: encrypted by a master key.
///
/// Its text is `wk1.<id of the master key>.<base64url>`; for a `LocalKeyWrapping` those are nonce, ciphertext and tag.
package struct WrappedKey: Hashable, Sendable {
    private static let form = "wk1"
    package static let maxCharacters = 2048

    /// Which master key wrapped it: 1 to 16 of `a-z0-9`.
    package let masterKeyID: String
    package let bytes: [UInt8]

    /// For an implementation of `KeyWrapping`.
    package init(masterKeyID: String, bytes: [UInt8]) {
        precondition(MasterKey.isID(masterKeyID), "the id of a master key is 1 to 16 of a-z and 0-9")
        self.masterKeyID = masterKeyID
        self.bytes = bytes
    }

    /// - Throws: `malformed` for any other writing than `text`'s.
    package init(_ text: String) throws(SealingError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.maxCharacters, parts.count == 3, parts[0] == Self.form,
            MasterKey.isID(parts[1]), let bytes = Base64URL.decode(parts[2].utf8), !bytes.isEmpty
        else { throw .malformed }
        self.init(masterKeyID: String(parts[1]), bytes: bytes)
    }

    package var text: String { "\(Self.form).\(masterKeyID).\(Base64URL.encode(bytes))" }
}

extension WrappedKey: CustomStringConvertible {
    package var description: String { "a key wrapped by \(masterKeyID)" }
}
