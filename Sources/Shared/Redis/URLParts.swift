/// A URL with several hosts, which RFC 3986 does not know, cut at its delimiters; nothing is decoded yet.
struct URLParts {
    /// `user:password@`, or empty.
    let login: Substring
    /// Each `host[:port]`; at least one.
    let hosts: [Substring]
    /// Without the leading slash.
    let path: Substring
    /// With the question mark, or empty.
    let query: Substring

    /// Takes what follows `scheme://`.
    init(_ text: Substring) throws(RedisError) {
        let mark = text.firstIndex(of: "?") ?? text.endIndex
        query = text[mark...]
        let hierarchy = text[..<mark]
        let slash = hierarchy.firstIndex(of: "/") ?? mark
        path = hierarchy[slash...].dropFirst()
        let authority = hierarchy[..<slash]
        let start = authority.lastIndex(of: "@").map { authority.index(after: $0) } ?? authority.startIndex
        login = authority[..<start]
        hosts = authority[start...].split(separator: ",", omittingEmptySubsequences: false)
        guard !hosts.contains(where: \.isEmpty), !hosts.isEmpty else {
            throw .configuration("the URL names no host, or there is a comma too many between its hosts")
        }
    }
}
