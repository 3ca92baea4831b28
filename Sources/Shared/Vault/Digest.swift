import COpenSSL

/// Digests by OpenSSL.
package enum Digest {
    /// SHA-256 (FIPS 180-4), 32 bytes.
    package static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let input = Array(bytes)
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let status = EVP_Digest(input, input.count, &digest, &length, EVP_sha256(), nil)
        // OpenSSL fails here only when it cannot allocate, or was built without SHA-256.
        precondition(status == 1 && length == 32, "OpenSSL cannot compute SHA-256")
        return digest
    }
}
