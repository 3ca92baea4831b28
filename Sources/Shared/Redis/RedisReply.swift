/// What Redis answered to one command (RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/).
package enum RedisReply: Sendable, Equatable {
    /// The value does not exist: a null bulk string or a null array.
    case null
    /// A short status such as `OK`.
    case status(String)
    case integer(Int)
    /// A bulk string, copied out of the connection's buffer.
    case bytes([UInt8])
    case array([RedisReply])
    /// The command was refused. Words that Redis quotes from the command are blanked; the leading code is kept.
    case error(String)

    /// The text of a bulk string (invalid UTF-8 is repaired) or of a status; nil for everything else.
    package var string: String? {
        switch self {
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        case .null, .integer, .array, .error: nil
        }
    }

    /// An integer reply, or a bulk string that holds a decimal integer; nil for everything else.
    package var int: Int? {
        switch self {
        case .integer(let value): value
        case .bytes(let bytes): Int(String(decoding: bytes, as: UTF8.self))
        case .null, .status, .array, .error: nil
        }
    }

    /// The bytes of a bulk string or of a status; nil for everything else.
    package var bytes: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .status(let text): Array(text.utf8)
        case .null, .integer, .array, .error: nil
        }
    }

    /// The elements of an array; nil for everything else, also for a null array.
    package var array: [RedisReply]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// True for a value that does not exist.
    package var isNull: Bool { self == .null }
}
