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

    init(url: String) throws(RedisError) {
        guard let parts = URLComponents(string: url) else {
            throw .configuration("the URL cannot be read; percent-encode special characters of the password")
        }
        switch parts.scheme?.lowercased() {
        case "redis": isEncrypted = false
        case "rediss": isEncrypted = true
        default: throw .configuration("the URL starts neither with redis:// nor with rediss://")
        }
        guard let host = parts.host, !host.isEmpty else { throw .configuration("the URL names no host") }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? 6379
        guard (1...65_535).contains(port) else { throw .configuration("the port is not in 1...65535") }
        user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password.flatMap { $0.isEmpty ? nil : $0 }
        if user != nil, password == nil { throw .configuration("the URL has a user but no password") }
        database = try Self.database(path: parts.path)
        certificateAuthorityFile = parts.queryItems?.first { $0.name == "ca" }?.value
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
        commands.append(RedisCommand(["PING"]))
        return commands
    }
}

extension RedisEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "\(host):\(port)/\(database)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
