/// A value as it is stored: encrypted by a data key, of the form
/// `sv1.<version of the key>.<base64url(nonce, ciphertext, tag)>`.
package struct SealedText: RawRepresentable, Hashable, Sendable {
    private static let form = "sv1"

    package let rawValue: String
    /// Which version of its owner's data key opens it.
    package let keyVersion: Int
    let bytes: [UInt8]

    init(keyVersion: Int, bytes: [UInt8]) {
        rawValue = "\(Self.form).\(keyVersion).\(Base64URL.encode(bytes))"
        self.keyVersion = keyVersion
        self.bytes = bytes
    }

    /// `nil` for what `seal` does not write.
    package init?(rawValue: String) {
        let parts = rawValue.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.form, let version = Int(parts[1]), String(version) == parts[1],
            DataKey.versions.contains(version), let bytes = Base64URL.decode(parts[2].utf8),
            bytes.count >= AESGCM.nonceBytes + AESGCM.tagBytes
        else { return nil }
        self.rawValue = rawValue
        keyVersion = version
        self.bytes = bytes
    }

    /// - Throws: `malformed` where `init(rawValue:)` is `nil`.
    package init(_ text: String) throws(SealingError) {
        guard let sealed = SealedText(rawValue: text) else { throw .malformed }
        self = sealed
    }
}

extension SealedText: CustomStringConvertible {
    package var description: String { "\(bytes.count) bytes sealed by version \(keyVersion)" }
}
