/// Where one Redis server listens.
struct RedisNode: Hashable, Sendable, CustomStringConvertible {
    let host: String
    let port: Int

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension RedisNode {
    /// Takes `host:port` as Redis writes it, IPv6 without brackets. An empty host or `?` is that of `asked`, the node
    /// which said it (https://redis.io/docs/latest/commands/cluster-slots/). nil when there is no port in it.
    init?(_ text: some StringProtocol, saidBy asked: RedisNode) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        let host = text[..<colon]
        self.init(host: host.isEmpty || host == "?" ? asked.host : String(host), port: port)
    }
}
