import COpenSSL

/// AES-256 in Galois/Counter Mode (NIST SP 800-38D): keeps bytes secret, and refuses them when they, or the data that
/// goes with them, were changed.
///
/// Nonces are random, of 96 bits: one key may seal 2^32 times (SP 800-38D section 8.3). A data key seals the tokens of
/// one owner, a master key the data keys; both stay far below.
enum AESGCM {
    static let nonceBytes = 12
    static let tagBytes = 16

    /// - Parameter data: is not written, and must be the same for `open`.
    /// - Returns: nonce, ciphertext and tag, one after the other.
    static func seal(
        _ plaintext: [UInt8], key: KeyBytes, data: [UInt8], random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        let nonce = [UInt8].random(nonceBytes, &random)
        let (ciphertext, tag) = seal(plaintext, key: key, nonce: nonce, data: data)
        return nonce + ciphertext + tag
    }

    static func seal(
        _ plaintext: [UInt8], key: KeyBytes, nonce: [UInt8], data: [UInt8]
    ) -> (ciphertext: [UInt8], tag: [UInt8]) {
        let context = CipherContext(EVP_aes_256_gcm(), .sealing, key: key, nonce: nonce)
        context.authenticate(data)
        guard let ciphertext = context.finish(plaintext) else { preconditionFailure("OpenSSL cannot encrypt") }
        return (ciphertext, context.tag(bytes: tagBytes))
    }

    /// What `seal` was given. `nil` when the key, the data or a bit of it is another.
    static func open(_ sealed: [UInt8], key: KeyBytes, data: [UInt8]) -> [UInt8]? {
        guard sealed.count >= nonceBytes + tagBytes else { return nil }
        return open(
            Array(sealed[nonceBytes..<(sealed.count - tagBytes)]), tag: sealed.suffix(tagBytes), key: key,
            nonce: Array(sealed.prefix(nonceBytes)), data: data)
    }

    static func open(
        _ ciphertext: [UInt8], tag: some Collection<UInt8>, key: KeyBytes, nonce: [UInt8], data: [UInt8]
    ) -> [UInt8]? {
        // A shorter one would be taken, and is easier to forge.
        guard tag.count == tagBytes else { return nil }
        let context = CipherContext(EVP_aes_256_gcm(), .opening, key: key, nonce: nonce)
        context.expect(tag: Array(tag))
        context.authenticate(data)
        return context.finish(ciphertext)
    }
}

extension [UInt8] {
    /// Each part after its length (four bytes, highest first), so that no two lists of parts are the same bytes.
    init(lengthPrefixed parts: [[UInt8]]) {
        self = parts.flatMap { [UInt8](bigEndian: UInt32($0.count)) + $0 }
    }
}
