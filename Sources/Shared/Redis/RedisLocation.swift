/// A Redis URL of any kind, taken apart.
struct RedisLocation: Sendable {
    let topology: RedisTopology
    /// How to talk to a data node. Its host and port count for `single` only.
    let endpoint: RedisEndpoint

    init(url: String) throws(RedisError) {
        guard let (kind, rest) = Self.kind(of: url) else {
            endpoint = try RedisEndpoint(url: url)
            topology = .single
            return
        }
        let parts = try URLParts(rest)
        switch kind {
        case .sentinel(let scheme): (topology, endpoint) = try Self.sentinel(parts, scheme: scheme)
        case .cluster(let scheme): (topology, endpoint) = try Self.cluster(parts, scheme: scheme)
        }
    }

    private enum Kind {
        case sentinel(scheme: String)
        case cluster(scheme: String)
    }

    private static func kind(of url: String) -> (Kind, Substring)? {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else { return nil }
        let rest = url[colon...].dropFirst(3)
        switch url[..<colon].lowercased() {
        case "redis+sentinel": return (.sentinel(scheme: "redis"), rest)
        case "rediss+sentinel": return (.sentinel(scheme: "rediss"), rest)
        case "redis+cluster": return (.cluster(scheme: "redis"), rest)
        case "rediss+cluster": return (.cluster(scheme: "rediss"), rest)
        default: return nil
        }
    }

    private static func sentinel(
        _ parts: URLParts, scheme: String
    ) throws(RedisError) -> (RedisTopology, RedisEndpoint) {
        let words = parts.path.split(separator: "/", omittingEmptySubsequences: false)
        guard let master = words.first, !master.isEmpty else {
            throw .configuration("the sentinel URL names no master: …/<master-name>[/<db>]")
        }
        guard master.utf8.allSatisfy({ isNameByte($0) }) else {
            throw .configuration("a master's name has only letters, digits, dots, hyphens and underscores")
        }
        guard words.count <= 2 else {
            throw .configuration("the sentinel URL's path is more than <master-name>/<db>")
        }
        let database = words.count == 2 ? String(words[1]) : ""
        var endpoints: [RedisEndpoint] = []
        for host in parts.hosts {
            let url = "\(scheme)://\(parts.login)\(host)/\(database)\(parts.query)"
            endpoints.append(try RedisEndpoint(url: url, defaultPort: 26_379))
        }
        var template = endpoints[0]
        template.mustBeMaster = true
        return (.sentinel(master: String(master), sentinels: endpoints.map { $0.asSentinel }), template)
    }

    /// What sentinel.conf allows.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: ".-_".utf8.contains(byte)
        }
    }

    private static func cluster(
        _ parts: URLParts, scheme: String
    ) throws(RedisError) -> (RedisTopology, RedisEndpoint) {
        guard ["", "0"].contains(parts.path) else {
            throw .configuration("Redis Cluster has database 0 only; the cluster URL's path must be empty")
        }
        var seeds: [RedisEndpoint] = []
        for host in parts.hosts {
            seeds.append(try RedisEndpoint(url: "\(scheme)://\(parts.login)\(host)\(parts.query)"))
        }
        if seeds.contains(where: { $0.sentinelUser != nil || $0.sentinelPassword != nil }) {
            throw .configuration("sentinel_user and sentinel_password belong to a sentinel URL")
        }
        return (.cluster(seeds: seeds), seeds[0])
    }
}
