/// Why Redis could not be used. No case carries an argument, a key or a password.
package enum RedisError: Error, Sendable, Equatable {
    /// The URL or a file named in it cannot be used.
    case configuration(String)
    /// No connection was there within the command's time: `host:port` and the last reason. Nothing was sent.
    case connect(String)
    /// Redis refused the command; starts with Redis' code, such as `WRONGTYPE`.
    case server(String)
    /// The connection broke while the named command waited for its reply.
    case connectionLost(command: String, isOutcomeUnknown: Bool)
    /// No reply to the named command within its time.
    case timeout(command: String, isOutcomeUnknown: Bool)
    /// The bound on waiting commands, bytes or subscriptions is reached. Nothing was sent.
    case overloaded
    /// The client has been closed. `isOutcomeUnknown` when the command had been sent.
    case closed(isOutcomeUnknown: Bool)
    /// The other side does not speak Redis' protocol, or an answer exceeds its bound.
    case protocolViolation(String)

    /// True when Redis may or may not have carried the command out: read back, never repeat blindly.
    package var isOutcomeUnknown: Bool {
        switch self {
        case .connectionLost(_, let isUnknown), .timeout(_, let isUnknown), .closed(let isUnknown): isUnknown
        case .configuration, .connect, .server, .overloaded, .protocolViolation: false
        }
    }

    /// Redis' own code for a refusal (`WRONGTYPE`, `NOSCRIPT`, `BUSY`); nil for every other error.
    package var serverCode: String? {
        guard case .server(let message) = self else { return nil }
        return message.split(separator: " ", maxSplits: 1).first.map(String.init)
    }
}

extension RedisError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .configuration(let reason): "Redis configuration: \(reason)"
        case .connect(let reason): "no connection to Redis: \(reason)"
        case .server(let message): "Redis refused: \(message)"
        case .connectionLost(let command, let isUnknown):
            "the connection to Redis broke during \(command)\(Self.remark(isUnknown))"
        case .timeout(let command, let isUnknown): "no reply to \(command) in time\(Self.remark(isUnknown))"
        case .overloaded: "too many Redis commands or subscriptions are waiting"
        case .closed(let isUnknown): "the Redis client is closed\(Self.remark(isUnknown))"
        case .protocolViolation(let reason): "not Redis' protocol: \(reason)"
        }
    }

    private static func remark(_ isOutcomeUnknown: Bool) -> String {
        isOutcomeUnknown ? ", its outcome is unknown" : ""
    }
}
