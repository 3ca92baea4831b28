import CCurl

extension EasyHandle {
    /// Sets everything but the callbacks.
    mutating func describe(_ request: HTTPRequest, _ configuration: HTTPTransportConfiguration)
        throws(HTTPTransportError)
    {
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_HTTP_VERSION, ccurl_http_1_1)
        try set(CURLOPT_FOLLOWLOCATION, false)
        try set(CURLOPT_NOSIGNAL, true)
        // Without it, leaving in the middle of a name look-up would block the loop until the resolver gives up.
        try set(CURLOPT_QUICK_EXIT, true)
        // The loop's own clock decides; libcurl is told so that it divides the time between several addresses.
        try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, request.deadlines.connect.wholeMilliseconds))
        try set(CURLOPT_TCP_KEEPALIVE, true)
        try set(CURLOPT_USERAGENT, configuration.userAgent)
        if request.usesFreshConnection {
            try set(CURLOPT_FRESH_CONNECT, true)
            try set(CURLOPT_FORBID_REUSE, true)
        }
        if request.decompresses { try set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate") }
        try trust(configuration)
        try setMethod(request)
        try setHeaders(Self.lines(request))
    }

    private func trust(_ configuration: HTTPTransportConfiguration) throws(HTTPTransportError) {
        try set(CURLOPT_SSLVERSION, ccurl_tls_1_2)
        try set(CURLOPT_SSL_VERIFYPEER, true)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        if let bundle = configuration.caBundle {
            try set(CURLOPT_CAINFO, bundle)
            try set(CURLOPT_CAPATH, nil)
        }
        // An empty proxy also turns the proxy variables of the environment off.
        try set(CURLOPT_PROXY, configuration.proxy ?? "")
        try set(CURLOPT_NOPROXY, "")
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
    }

    private func setMethod(_ request: HTTPRequest) throws(HTTPTransportError) {
        if request.method == "HEAD", request.body == nil {
            try set(CURLOPT_NOBODY, true)
        } else if request.hasBody {
            try set(CURLOPT_POST, true)
            try setBody(request.body ?? [])
            if request.method != "POST" { try set(CURLOPT_CUSTOMREQUEST, request.method) }
        } else {
            try set(CURLOPT_HTTPGET, true)
            if request.method != "GET" { try set(CURLOPT_CUSTOMREQUEST, request.method) }
        }
    }

    private static func lines(_ request: HTTPRequest) -> [String] {
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        func takeBack(_ name: String) {
            if !request.headers.contains(where: { $0.name.lowercased() == name.lowercased() }) {
                lines.append("\(name):")
            }
        }
        takeBack("Expect")
        if request.hasBody { takeBack("Content-Type") }
        return lines
    }
}

extension HTTPRequest {
    /// Whether the request is framed with a Content-Length, be it 0.
    fileprivate var hasBody: Bool { body != nil || ["POST", "PUT", "PATCH"].contains(method) }
}
