/// A `tracestate` header that is valid, without blanks and empty members.
/// https://www.w3.org/TR/trace-context-2/#tracestate-header
package struct TraceState: Sendable, Hashable {
    /// The header's value; empty when there is none.
    package let text: String

    private static let maxMembers = 32
    /// What must be passed on at least. Longer ones are shortened to it, so that a job's row stays small.
    private static let limitBytes = 512
    /// Members above this length go first.
    private static let longMemberBytes = 128

    package init() { text = "" }

    /// `nil` when a member is malformed, a key comes twice, or there are more than 32 members: then nothing of it
    /// may be passed on.
    package init?(_ header: some StringProtocol) {
        var members: [Substring.UTF8View.SubSequence] = []
        var keys = Set<String>()
        let text = String(header)
        for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let member = Self.withoutBlanks(part)
            if member.isEmpty { continue }
            guard let key = Self.key(of: member), keys.insert(key).inserted, keys.count <= Self.maxMembers
            else { return nil }
            members.append(member)
        }
        self.text = Self.shortened(members.compactMap { String($0) }).joined(separator: ",")
    }

    /// https://www.w3.org/TR/trace-context-2/#tracestate-limits
    private static func shortened(_ members: [String]) -> [String] {
        var kept = members
        func isTooLong() -> Bool { kept.reduce(kept.count - 1) { $0 + $1.utf8.count } > limitBytes }
        while isTooLong(), let long = kept.lastIndex(where: { $0.utf8.count > longMemberBytes }) {
            kept.remove(at: long)
        }
        while isTooLong() { kept.removeLast() }
        return kept
    }

    /// The member's key, when both key and value are valid.
    private static func key(of member: Substring.UTF8View) -> String? {
        guard let equals = member.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let key = member[..<equals]
        let value = member[member.index(after: equals)...]
        guard (1...256).contains(key.count), let first = key.first, isLetterOrDigit(first),
            key.allSatisfy({ isLetterOrDigit($0) || "_-*/@".utf8.contains($0) }),
            (1...256).contains(value.count), value.last != UInt8(ascii: " "), value.allSatisfy(isValueByte)
        else { return nil }
        return String(key)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Printable ASCII but `,` and `=`.
    private static func isValueByte(_ byte: UInt8) -> Bool {
        (0x20...0x7e).contains(byte) && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "=")
    }

    private static func withoutBlanks(_ part: Substring.UTF8View) -> Substring.UTF8View {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var trimmed = part.drop(while: isBlank)
        while let last = trimmed.last, isBlank(last) { trimmed.removeLast() }
        return trimmed
    }
}
