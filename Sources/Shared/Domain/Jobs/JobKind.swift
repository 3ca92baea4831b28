/// The name of a kind of job: what it does, and so which handler runs it.
package struct JobKind: RawRepresentable, Hashable, Sendable, Codable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a queue: lower-case letters, digits, `_` and `-`, starting with a letter, 1 to 63 characters.
package struct QueueName: Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    package static let `default` = QueueName(unchecked: "default")
    package static let chat = QueueName(unchecked: "chat")
    package static let mail = QueueName(unchecked: "mail")
    package static let tokens = QueueName(unchecked: "tokens")
    package static let calendars = QueueName(unchecked: "calendars")

    /// `nil` when the text is not a queue name.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard (1...63).contains(bytes.count), let first = bytes.first, Self.isLetter(first) else { return nil }
        let rest = bytes.allSatisfy { byte in
            Self.isLetter(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        guard rest else { return nil }
        rawValue = text
    }

    private init(unchecked text: String) { rawValue = text }
    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    package var description: String { rawValue }
}
