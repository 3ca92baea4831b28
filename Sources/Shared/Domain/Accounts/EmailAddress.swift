/// An e-mail address as Errand keeps it: trimmed and in lower case, so that one person has one account.
///
/// The form is the one browsers accept for `<input type=email>`
/// (https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address), with a dot in the domain. Whether it
/// exists only a mail can tell.
package struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// The longest address SMTP can carry (RFC 5321 section 4.5.3.1.3, less the brackets).
    package static let maxBytes = 254

    /// `nil` for anything that is no address.
    package init?(_ raw: some StringProtocol) {
        let trimmed = raw.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        // Letters of other scripts may have lower-case forms in this one.
        guard trimmed.allSatisfy(\.isASCII), (3...Self.maxBytes).contains(trimmed.count) else { return nil }
        let text = String(trimmed).lowercased()
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isLocal(parts[0]), Self.isDomain(parts[1]) else { return nil }
        self.text = text
    }

    package var description: String { text }

    package var local: Substring { text.prefix { $0 != "@" } }

    private static func isLocal(_ part: Substring) -> Bool {
        (1...64).contains(part.utf8.count)
            && part.utf8.allSatisfy { isLetterOrDigit($0) || ".!#$%&'*+/=?^_`{|}~-".utf8.contains($0) }
    }

    private static func isDomain(_ part: Substring) -> Bool {
        let labels = part.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
