/// One word of a command: its name, a key or an argument. Binary safe.
package enum RedisWord: Sendable, Hashable {
    case text(String)
    case number(Int)
    case raw([UInt8])

    package init(_ text: String) { self = .text(text) }
    package init(_ text: Substring) { self = .text(String(text)) }
    /// Sent in decimal.
    package init(_ number: Int) { self = .number(number) }
    package init(_ bytes: [UInt8]) { self = .raw(bytes) }
}

extension RedisWord: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self = .text(value) }
}

extension RedisWord: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self = .number(value) }
}

/// A word may be a password or a person's text, so it never shows itself.
extension RedisWord: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "…" }
    package var debugDescription: String { "…" }
}
