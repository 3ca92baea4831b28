import COpenSSL

/// Digests and keyed digests by OpenSSL.
package enum Digest {
    /// SHA-256 (FIPS 180-4), 32 bytes.
    package static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] { digest(bytes, EVP_sha256(), size: 32) }

    /// SHA-1, 20 bytes. Only for lists that others sort by it: it protects nothing.
    static func sha1(_ bytes: some Sequence<UInt8>) -> [UInt8] { digest(bytes, EVP_sha1(), size: 20) }

    /// HMAC-SHA256 (RFC 2104), 32 bytes.
    static func hmacSHA256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let result = HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &code, &length)
        precondition(result != nil && length == 32, "OpenSSL cannot compute HMAC-SHA256")
        return code
    }

    /// HKDF-SHA256 (RFC 5869), extracted and expanded.
    static func hkdfSHA256(_ secret: [UInt8], salt: [UInt8] = [], info: [UInt8], count: Int) -> [UInt8] {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: count)
        var length = count
        let isDerived =
            EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1
            && EVP_PKEY_CTX_set1_hkdf_salt(context, salt, Int32(salt.count)) == 1
            && EVP_PKEY_CTX_set1_hkdf_key(context, secret, Int32(secret.count)) == 1
            && EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(info.count)) == 1
            && EVP_PKEY_derive(context, &output, &length) == 1
        precondition(isDerived && length == count, "OpenSSL cannot derive a key by HKDF")
        return output
    }

    /// Whether they are the same, in a time that depends on their length alone.
    package static func areEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        let (left, right) = (Array(left), Array(right))
        return left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    private static func digest(_ bytes: some Sequence<UInt8>, _ kind: OpaquePointer?, size: Int) -> [UInt8] {
        bytes.withContiguousStorageIfAvailable { digest($0, kind, size: size) }
            ?? Array(bytes).withUnsafeBufferPointer { digest($0, kind, size: size) }
    }

    private static func digest(_ input: UnsafeBufferPointer<UInt8>, _ kind: OpaquePointer?, size: Int) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: size)
        var length: UInt32 = 0
        let status = EVP_Digest(input.baseAddress, input.count, &digest, &length, kind, nil)
        // OpenSSL fails here only when it cannot allocate, or was built without the digest.
        precondition(status == 1 && length == size, "OpenSSL cannot compute a digest")
        return digest
    }
}

extension [UInt8] {
    /// Overwrites them in a way the optimiser leaves alone. Only sole owners can: a shared buffer would be copied.
    mutating func wipe() { withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }

    /// From the system's generator unless a test gives its own.
    static func random(_ count: Int, _ random: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
}
