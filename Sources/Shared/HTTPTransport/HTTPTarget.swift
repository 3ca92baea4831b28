import CCurl

/// Where a URL leads, read by the parser that libcurl itself will use, so that both see the same host.
package struct HTTPTarget: Sendable, Hashable {
    package let isEncrypted: Bool
    package let address: HostAndPort

    /// Throws `invalidRequest` unless the URL is absolute, http or https, and free of user name and password.
    package init(url: String) throws(HTTPTransportError) {
        guard let handle = curl_url() else {
            throw HTTPTransportError(CURLE_OUT_OF_MEMORY, host: "", wasConnected: false)
        }
        defer { curl_url_cleanup(handle) }
        guard !url.utf8.contains(where: { $0 <= 32 || $0 == 127 }),
            curl_url_set(handle, CURLUPART_URL, url, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: handle), let host = Self.part(CURLUPART_HOST, of: handle),
            let port = Self.part(CURLUPART_PORT, of: handle).flatMap(UInt16.init), port > 0
        else { throw .invalidRequest(reason: "the URL cannot be read, or it holds credentials") }
        switch scheme.lowercased() {
        case "http": isEncrypted = false
        case "https": isEncrypted = true
        default: throw .invalidRequest(reason: "the URL's scheme is neither http nor https")
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        address = HostAndPort(host: isBracketed ? String(host.dropFirst().dropLast()) : host, port: port)
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
