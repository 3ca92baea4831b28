package import FoundationEssentials

/// Something sealed by Fernet, version 0x80 (https://github.com/fernet/spec/blob/master/Spec.md#token-format): taken
/// apart and not believed yet.
package struct FernetToken: Sendable {
    private static let version: UInt8 = 0x80
    /// Of version, time and IV.
    private static let headBytes = 1 + 8 + 16
    private static let codeBytes = 32

    private let signed: [UInt8]
    private let code: [UInt8]

    /// - Throws: `malformed`.
    package init(_ text: some StringProtocol) throws(SealingError) {
        guard let bytes = Base64.decode(text), bytes.first == Self.version else { throw .malformed }
        let ciphertextBytes = bytes.count - Self.headBytes - Self.codeBytes
        guard ciphertextBytes >= AESCBC.blockBytes, ciphertextBytes % AESCBC.blockBytes == 0 else { throw .malformed }
        signed = Array(bytes.dropLast(Self.codeBytes))
        code = Array(bytes.suffix(Self.codeBytes))
    }

    /// When it was sealed, by the clock of who did. Opening does not look at it: what is stored has no end.
    package var sealedAt: Date { Date(timeIntervalSince1970: Double(signed[1..<9].bigEndianNumber)) }

    /// What was sealed, by the first of the keys that fits, as Python's `MultiFernet` does.
    ///
    /// - Throws: `notAuthentic` when none does.
    package func open(by keys: [FernetKey]) throws(SealingError) -> [UInt8] {
        for key in keys {
            var signing = key.signing.copy()
            defer { signing.wipe() }
            guard Digest.areEqual(Digest.hmacSHA256(signed, key: signing), code) else { continue }
            let plaintext = AESCBC.open(
                Array(signed.dropFirst(Self.headBytes)), key: key.encryption, nonce: Array(signed[9..<Self.headBytes]))
            if let plaintext { return plaintext }
        }
        throw .notAuthentic
    }
}

extension FernetToken: CustomStringConvertible {
    package var description: String { "a Fernet token of \(signed.count) bytes" }
}
