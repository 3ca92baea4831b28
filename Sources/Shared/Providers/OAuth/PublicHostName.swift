/// The plain name of a host on the internet, such as `school.instructure.com`: no address, no port, no URL,
/// nothing that only a local network knows. What it resolves to is for the transport's egress policy to judge.
package struct PublicHostName: Hashable, Sendable, CustomStringConvertible {
    /// Lower-case.
    package let text: String

    /// https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4, less the final dot.
    private static let maxBytes = 253
    /// Names of https://www.iana.org/assignments/special-use-domain-names that lead nowhere public, and those that
    /// local networks use without asking.
    private static let localDomains: Set<Substring> = [
        "localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan", "arpa", "onion",
        "invalid", "test", "alt",
    ]

    /// `nil` for anything else. A name in another script is taken in its ASCII form (`xn--…`).
    package init?(_ raw: String) {
        guard raw.utf8.count <= Self.maxBytes, raw.utf8.allSatisfy({ $0 < 128 }) else { return nil }
        let text = raw.lowercased()
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy(Self.isLabel), let top = labels.last, Self.isTop(top) else {
            return nil
        }
        self.text = text
    }

    package var description: String { text }

    /// Letters, digits and hyphens, no hyphen at either end.
    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    /// A top-level domain is letters, or the ASCII form of another script: never a number, as an address ends in.
    private static func isTop(_ label: Substring) -> Bool {
        guard label.utf8.count >= 2, !localDomains.contains(label) else { return false }
        return label.utf8.allSatisfy(isLetter) || label.hasPrefix("xn--")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
