/// An address mail goes to or comes from, with the name it is shown by.
package struct Mailbox: Sendable, Hashable {
    /// `nil`: none. Never holds a character that ends a line.
    package let name: String?
    /// `local@domain`, ASCII.
    package let address: String

    /// RFC 5321 section 4.5.3.1.3, less the brackets.
    package static let maxAddressBytes = 254

    /// `nil` when the address is none that a plain SMTP server takes: it has to be ASCII, without quoted parts and
    /// without comments. A name's control characters become spaces.
    package init?(name: String? = nil, address: String) {
        guard Self.isAddress(address) else { return nil }
        let clean = name.map(HeaderText.clean) ?? ""
        self.name = clean.isEmpty ? nil : clean
        self.address = address
    }

    /// Reads `Errand <mail@example.org>`, `"Errand, Inc." <mail@example.org>` or `mail@example.org`.
    package init?(_ text: String) {
        guard let open = text.lastIndex(of: "<") else {
            self.init(address: HeaderText.clean(text))
            return
        }
        guard let close = text.lastIndex(of: ">"), close > open,
            text[text.index(after: close)...].allSatisfy(\.isWhitespace)
        else { return nil }
        var name = HeaderText.clean(String(text[..<open]))
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") { name = String(name.dropFirst().dropLast()) }
        self.init(name: name, address: String(text[text.index(after: open)..<close]))
    }

    package var domain: Substring { address[address.index(after: address.lastIndex(of: "@") ?? address.startIndex)...] }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard text.utf8.count <= maxAddressBytes, parts.count == 2 else { return false }
        let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return (1...64).contains(parts[0].count) && parts[0].allSatisfy { isAtom($0) || $0 == UInt8(ascii: ".") }
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    /// A character of an atom: https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3
    static func isAtom(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
