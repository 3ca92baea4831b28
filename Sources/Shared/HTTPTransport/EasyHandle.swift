import CCurl

/// One libcurl easy handle with its header list. Used by the loop's thread only; freed with the value, after the
/// handle has left its multi handle.
struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?

    init() throws(HTTPTransportError) {
        guard let pointer = curl_easy_init() else { throw Self.failure(CURLE_FAILED_INIT) }
        self.pointer = pointer
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headers)
    }

    func set(_ option: CURLoption, _ value: Int) throws(HTTPTransportError) {
        try Self.check(ccurl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) throws(HTTPTransportError) {
        try set(option, value ? 1 : 0)
    }

    /// libcurl keeps a copy of the text; `nil` takes the option back.
    func set(_ option: CURLoption, _ value: String?) throws(HTTPTransportError) {
        try Self.check(ccurl_set_string(pointer, option, value))
    }

    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer) throws(HTTPTransportError) {
        try Self.check(ccurl_set_pointer(pointer, option, value))
    }

    /// libcurl keeps a copy of the bytes.
    func setBody(_ bytes: [UInt8]) throws(HTTPTransportError) {
        try Self.check(ccurl_set_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)))
        let code = bytes.withUnsafeBytes { buffer -> CURLcode in
            guard let base = buffer.baseAddress else { return ccurl_set_string(pointer, CURLOPT_COPYPOSTFIELDS, "") }
            return ccurl_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, base)
        }
        try Self.check(code)
    }

    /// The lines in libcurl's form: "Name: value", "Name;" for an empty value, "Name:" to send none.
    mutating func setHeaders(_ lines: [String]) throws(HTTPTransportError) {
        for line in lines {
            guard let longer = curl_slist_append(headers, line) else { throw Self.failure(CURLE_OUT_OF_MEMORY) }
            headers = longer
        }
        try Self.check(ccurl_set_headers(pointer, headers))
    }

    static func check(_ code: CURLcode) throws(HTTPTransportError) {
        guard code == CURLE_OK else { throw failure(code) }
    }

    private static func failure(_ code: CURLcode) -> HTTPTransportError {
        HTTPTransportError(code, host: "", wasConnected: false)
    }
}
