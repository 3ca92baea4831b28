import COpenSSL

/// TLS on a non-blocking socket that somebody else owns.
struct TLSSession: ~Copyable {
    private let ssl: OpaquePointer
    /// What the last call that could not go on waits for.
    private(set) var readWaitsForWrite = false
    private(set) var writeWaitsForRead = false

    /// Takes the session over.
    init(_ ssl: OpaquePointer) { self.ssl = ssl }

    deinit { SSL_free(ssl) }

    /// `.bytes(0)` when the handshake is through. After `.wouldBlock` poll for what `readWaitsForWrite` says.
    mutating func handshake() -> StreamProgress {
        ERR_clear_error()
        let status = SSL_do_handshake(ssl)
        return finishRead(status, count: 0)
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> StreamProgress {
        ERR_clear_error()
        var count = 0
        let status = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
        return finishRead(status, count: count)
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) -> StreamProgress {
        ERR_clear_error()
        var count = 0
        let status = SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count)
        let code = SSL_get_error(ssl, status)
        writeWaitsForRead = code == SSL_ERROR_WANT_READ
        return progress(code, count: count)
    }

    private mutating func finishRead(_ status: Int32, count: Int) -> StreamProgress {
        let code = SSL_get_error(ssl, status)
        readWaitsForWrite = code == SSL_ERROR_WANT_WRITE
        return progress(code, count: count)
    }

    private func progress(_ code: Int32, count: Int) -> StreamProgress {
        switch code {
        case SSL_ERROR_NONE: .bytes(count)
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: .wouldBlock
        case SSL_ERROR_ZERO_RETURN: .ended("closed by the other side")
        default: .ended(failureText())
        }
    }

    private func failureText() -> String {
        let verification = SSL_get_verify_result(ssl)
        if verification != Int(X509_V_OK), let text = X509_verify_cert_error_string(verification) {
            ERR_clear_error()
            return "TLS certificate: \(String(cString: text))"
        }
        let isQueueEmpty = ERR_peek_error() == 0
        return isQueueEmpty ? "closed by the other side" : "TLS: \(OpenSSLError.take())"
    }
}
