/// The name of a provider whose accounts can be connected: lower-case letters, digits and `_`, starting with a letter,
/// 1 to 32 characters.
package struct ProviderName: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` when the text is not a provider's name.
    package init?(rawValue: String) {
        guard Self.isName(rawValue.utf8) else { return nil }
        self.rawValue = rawValue
    }

    /// A name that stands in the source. Traps when it is none.
    package init(_ name: StaticString) {
        let text = "\(name)"
        precondition(Self.isName(text.utf8), "a provider's name")
        rawValue = text
    }

    package var description: String { rawValue }

    private static func isName(_ bytes: String.UTF8View) -> Bool {
        guard (1...32).contains(bytes.count), let first = bytes.first, isLetter(first) else { return false }
        return bytes.allSatisfy { isLetter($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
}
