import HTTPTypes

/// Whether a browser's request comes from our own pages, or from ones that are allowed to use the session.
struct SiteCheck: Sendable {
    /// Origins beside our own, such as `https://app.example.com`.
    let allowedOrigins: AllowedOrigins

    /// A browser says that the request comes from somebody else's page. A program says nothing.
    func isForeign(_ headers: HTTPFields, host: String?) -> Bool {
        (headers[.origin] != nil || headers[.secFetchSite] != nil) && !isOwn(headers, host: host)
    }

    /// Browsers say where a request comes from, and scripts cannot change it: `Sec-Fetch-Site`
    /// (https://www.w3.org/TR/fetch-metadata/), and `Origin` where that is missing, as with old browsers.
    /// - Parameter host: as the request names this server.
    func isOwn(_ headers: HTTPFields, host: String?) -> Bool {
        if let origin = headers[.origin], allowedOrigins.contains(origin) { return true }
        if let site = headers[.secFetchSite] { return site == "same-origin" || site == "none" }
        guard let origin = headers[.origin], let host else { return false }
        return origin == "https://\(host)" || origin == "http://\(host)"
    }
}
