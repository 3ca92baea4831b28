import COpenSSL

/// One pass through a cipher of OpenSSL (https://docs.openssl.org/3.0/man3/EVP_EncryptInit/). Its key schedule is
/// overwritten at the end.
struct CipherContext: ~Copyable {
    enum Direction: Int32 {
        case opening = 0
        case sealing = 1
    }

    private let handle: OpaquePointer

    /// Takes the key and a nonce of any length that the cipher knows.
    init(_ cipher: OpaquePointer?, _ direction: Direction, key: KeyBytes, nonce: [UInt8]) {
        guard let handle = EVP_CIPHER_CTX_new() else { preconditionFailure("OpenSSL cannot allocate a cipher") }
        self.handle = handle
        precondition(EVP_CIPHER_get_key_length(cipher) == key.count, "a key of another size")
        // The length goes first: setting it afterwards would drop the nonce.
        let isReady =
            EVP_CipherInit_ex(handle, cipher, nil, nil, nil, direction.rawValue) == 1
            && (EVP_CIPHER_get_iv_length(cipher) == nonce.count
                || EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonce.count), nil) == 1)
            && key.withBytes { EVP_CipherInit_ex(handle, nil, nil, $0, nonce, direction.rawValue) } == 1
        // OpenSSL fails here only when it cannot allocate, or was built without the cipher.
        precondition(isReady, "OpenSSL cannot start a cipher")
    }

    deinit { EVP_CIPHER_CTX_free(handle) }

    /// Covers the data by the tag without writing it.
    func authenticate(_ data: [UInt8]) {
        var count: Int32 = 0
        let status = EVP_CipherUpdate(handle, nil, &count, data, Int32(data.count))
        precondition(status == 1, "OpenSSL cannot take associated data")
    }

    /// The tag that `finish` has to find.
    func expect(tag: [UInt8]) {
        var tag = tag
        let status = EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag)
        precondition(status == 1, "OpenSSL cannot take a tag")
    }

    /// The whole output. `nil` when it is not authentic, or not padded as the cipher pads; then nothing of it is left.
    func finish(_ input: [UInt8]) -> [UInt8]? {
        // Padding adds a block at most.
        var output = [UInt8](repeating: 0, count: input.count + Int(EVP_MAX_BLOCK_LENGTH))
        var (count, last): (Int32, Int32) = (0, 0)
        let isDone = output.withUnsafeMutableBufferPointer { output in
            EVP_CipherUpdate(handle, output.baseAddress, &count, input, Int32(input.count)) == 1
                && EVP_CipherFinal_ex(handle, output.baseAddress.map { $0 + Int(count) }, &last) == 1
        }
        defer { output.wipe() }
        return isDone ? Array(output[..<Int(count + last)]) : nil
    }

    /// The tag of what was sealed.
    func tag(bytes: Int) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: bytes)
        let status = EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_GET_TAG, Int32(bytes), &tag)
        precondition(status == 1, "OpenSSL cannot give a tag")
        return tag
    }
}
