import COpenSSL

/// AES-128 in cipher block chaining with the padding of RFC 5652 section 6.3. It shows no change of what it opens: only
/// for what somebody else sealed so, after its code was checked.
enum AESCBC {
    static let blockBytes = 16

    /// `nil` when the padding is wrong.
    static func open(_ ciphertext: [UInt8], key: KeyBytes, nonce: [UInt8]) -> [UInt8]? {
        CipherContext(EVP_aes_128_cbc(), .opening, key: key, nonce: nonce).finish(ciphertext)
    }
}
