import CCurl

/// libcurl's multi handle.
// Sendable: only the loop's thread uses the pointer, except for curl_multi_wakeup, which libcurl allows from any
// thread (https://curl.se/libcurl/c/curl_multi_wakeup.html) and which the inbox's lock keeps before the clean-up.
struct MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    init(maxIdle: Int) throws(HTTPTransportError) {
        guard Self.library == CURLE_OK, let pointer = curl_multi_init() else {
            throw HTTPTransportError(CURLE_FAILED_INIT, host: "", wasConnected: false)
        }
        self.pointer = pointer
        let code = ccurl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, maxIdle)
        precondition(code == CURLM_OK, "a valid option of a valid handle")
    }

    private static let library = curl_global_init(ccurl_global_all)
}
