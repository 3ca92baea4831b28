import FoundationEssentials

/// The parts of a Redis URL.
struct RedisEndpoint: Sendable, Equatable {
    var host: String
    var port: Int
    var user: String?
    var password: String?
    var database: Int
    var isEncrypted: Bool
    var certificateAuthorityFile: String?
    /// `?sentinel_user=` and `?sentinel_password=`: how to log in to sentinels.
    var sentinelUser: String?
    var sentinelPassword: String?
    /// A connection is good only while the server says that it is a master.
    var mustBeMaster = false

    init(url: String, defaultPort: Int = 6379) throws(RedisError) {
        guard let parts = URLComponents(string: url) else {
            throw .configuration("the URL cannot be read; percent-encode special characters of the password")
        }
        switch parts.scheme?.lowercased() {
        case "redis": isEncrypted = false
        case "rediss": isEncrypted = true
        default:
            throw .configuration(
                "the URL starts neither with redis:// nor with rediss://, redis+sentinel:// or redis+cluster://")
        }
        guard let host = parts.host, !host.isEmpty else { throw .configuration("the URL names no host") }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? defaultPort
        guard (1...65_535).contains(port) else { throw .configuration("the port is not in 1...65535") }
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password.flatMap { $0.isEmpty ? nil : $0 }
        if user != nil, password == nil { throw .configuration("the URL has a user but no password") }
        database = try Self.database(path: parts.path)
        certificateAuthorityFile = parts.queryItems?.first { $0.name == "ca" }?.value
        sentinelUser = parts.queryItems?.first { $0.name == "sentinel_user" }?.value
        sentinelPassword = parts.queryItems?.first { $0.name == "sentinel_password" }?.value
        if sentinelUser != nil, sentinelPassword == nil {
            throw .configuration("the URL has a sentinel_user but no sentinel_password")
        }
    }

    var node: RedisNode { RedisNode(host: host, port: port) }

    /// The same way to talk, to another server.
    func at(_ node: RedisNode) -> RedisEndpoint {
        var endpoint = self
        (endpoint.host, endpoint.port) = (node.host, node.port)
        return endpoint
    }

    /// Sentinels have logins of their own and no databases.
    var asSentinel: RedisEndpoint {
        var endpoint = self
        (endpoint.user, endpoint.password) = (sentinelUser, sentinelPassword)
        endpoint.database = 0
        return endpoint
    }

    private static func database(path: String) throws(RedisError) -> Int {
        let number = path.hasPrefix("/") ? path.dropFirst() : path[...]
        if number.isEmpty { return 0 }
        guard let database = Int(number), database >= 0 else {
            throw .configuration("the URL's path is not the number of a database")
        }
        return database
    }

    /// The commands that open a connection, in order. PING comes last: it shows that the server can serve
    /// (`-LOADING`, `-NOAUTH`, `-DENIED`) before callers' commands are risked on it.
    func greeting(clientName: String?) -> [RedisCommand] {
        var commands: [RedisCommand] = []
        if let password {
            let words = [user, password].compactMap { $0.map { RedisWord($0) } }
            commands.append(RedisCommand(["AUTH"] + words))
        }
        if database != 0 { commands.append(RedisCommand(["SELECT", RedisWord(database)])) }
        if let clientName { commands.append(RedisCommand(["CLIENT", "SETNAME", RedisWord(clientName)])) }
        if mustBeMaster { commands.append(RedisCommand(["ROLE"])) }
        commands.append(RedisCommand(["PING"]))
        return commands
    }

    /// Throws when a reply to the greeting, of which `missing` were to come, says that this is not the server meant.
    func accept(_ reply: RedisReply, missing: Int) throws(RedisError) {
        if case .error(let message) = reply { throw .server(message) }
        if missing == 2, mustBeMaster {
            guard let role = reply.array?.first?.string else { throw .protocolViolation("a strange ROLE") }
            guard role == "master" else { throw .connect("its role is \(role), not master") }
        } else {
            // A socket that got connected to itself would answer with the greeting's own words.
            guard reply == .status(missing > 1 ? "OK" : "PONG") else { throw .protocolViolation("a strange greeting") }
        }
    }
}

extension RedisEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "\(host):\(port)/\(database)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
