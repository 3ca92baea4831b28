import COpenSSL

/// The settings all TLS connections of a client share (https://docs.openssl.org/3.0/man7/ossl-guide-tls-introduction/).
struct TLSContext: ~Copyable {
    private let context: OpaquePointer

    private init(_ context: OpaquePointer) { self.context = context }

    deinit { SSL_CTX_free(context) }

    /// Trusts the PEM file, or the system's authorities for nil. Throws `.configuration` when they cannot be read.
    static func trusting(certificateAuthorityFile: String?) throws(RedisError) -> TLSContext {
        guard let pointer = SSL_CTX_new(TLS_client_method()) else {
            throw .configuration("TLS is not available: \(OpenSSLError.take())")
        }
        let made = TLSContext(pointer)
        guard errand_ssl_ctx_require_tls12(pointer) == 1 else {
            throw .configuration("TLS 1.2 is not available: \(OpenSSLError.take())")
        }
        _ = errand_ssl_ctx_set_mode(
            pointer, Int(SSL_MODE_ENABLE_PARTIAL_WRITE) | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        let status =
            certificateAuthorityFile.map { SSL_CTX_load_verify_file(pointer, $0) }
            ?? SSL_CTX_set_default_verify_paths(pointer)
        guard status == 1 else {
            throw .configuration("the certificate authorities cannot be read: \(OpenSSLError.take())")
        }
        return made
    }

    /// A session on the descriptor, which stays the caller's. The certificate must be valid for `host`, a name or an
    /// address.
    borrowing func session(on descriptor: Int32, host: String) throws(RedisError) -> TLSSession {
        guard let ssl = SSL_new(context) else { throw .connect("TLS: \(OpenSSLError.take())") }
        let session = TLSSession(ssl)
        let isAddress = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1
        if !isAddress {
            ERR_clear_error()
            guard SSL_set1_host(ssl, host) == 1, errand_ssl_set_server_name(ssl, host) == 1 else {
                throw .connect("TLS cannot verify this host name: \(OpenSSLError.take())")
            }
        }
        guard SSL_set_fd(ssl, descriptor) == 1 else { throw .connect("TLS: \(OpenSSLError.take())") }
        SSL_set_connect_state(ssl)
        return session
    }
}

enum OpenSSLError {
    /// The first error of this thread's queue as text, and empties the queue.
    static func take() -> String {
        let code = ERR_get_error()
        defer { ERR_clear_error() }
        guard code != 0 else { return "unknown error" }
        if let reason = ERR_reason_error_string(code) { return String(cString: reason) }
        return "error \(code)"
    }
}
