import Domain

/// Where a browser goes when it comes back from a provider: nowhere that a stranger chose.
/// https://www.rfc-editor.org/rfc/rfc9700#section-4.11
struct ReturnAddress: Sendable, Equatable {
    /// A path of ours, or a URL of an allowed origin; visible ASCII only.
    let text: String

    static let maxBytes = 1_500
    /// The page.
    static let standard = ReturnAddress(unchecked: "/?view=connections")

    private init(unchecked text: String) { self.text = text }

    /// What the database kept: it was checked when it came.
    init(kept text: String) { self.text = text }

    /// - Throws: `InvalidCommand` for anything but a path of ours, or an address at an origin on the list.
    init(_ text: String, origins: AllowedOrigins) throws(InvalidCommand) {
        guard Self.isPath(text) || Self.isAllowed(text, origins) else {
            throw InvalidCommand(
                field: "return_to",
                "must be a path of this server such as /?view=connections, or an address at an origin of CORS_ORIGINS")
        }
        guard text.utf8.count <= Self.maxBytes else {
            throw InvalidCommand(field: "return_to", "must be at most \(Self.maxBytes) characters")
        }
        guard !Self.namesOutcome(text) else {
            throw InvalidCommand(field: "return_to", "must not have the parameters job and error: they are added")
        }
        self.text = text
    }

    /// Browsers take a backslash for a slash and leave tabs and line breaks out
    /// (https://url.spec.whatwg.org/#concept-basic-url-parser), and read `//host` as a host.
    private static func isPath(_ text: String) -> Bool {
        isPlain(text) && text.hasPrefix("/") && isNormal(text.dropFirst().prefix { $0 != "?" && $0 != "#" })
    }

    /// Whether nothing on the way, such as a proxy that resolves dots and escapes, makes another path of it.
    private static func isNormal(_ path: Substring) -> Bool {
        let segments = path.lowercased().split(separator: "/", omittingEmptySubsequences: false)
        return segments.enumerated().allSatisfy { index, segment in
            let isLast = index == segments.count - 1
            return (isLast || !segment.isEmpty) && segment != "." && segment != ".."
                && !["%2e", "%2f", "%5c"].contains { segment.contains($0) }
        }
    }

    private static func isAllowed(_ text: String, _ origins: AllowedOrigins) -> Bool {
        guard isPlain(text), let scheme = text.firstRange(of: "://") else { return false }
        // What stands before the first of these is scheme, user and host: only an origin without a user is on the list.
        let end = text[scheme.upperBound...].firstIndex { "/?#".contains($0) } ?? text.endIndex
        return origins.contains(String(text[..<end]))
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }
    }

    private static func namesOutcome(_ text: String) -> Bool {
        let query = text.prefix { $0 != "#" }.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        return query.split(separator: "&").contains { pair in
            ["job", "error"].contains(pair.prefix { $0 != "=" }.removingPercent)
        }
    }

    /// With one more parameter, whose name and value need no escaping.
    func adding(_ name: String, _ value: String) -> String {
        let end = text.firstIndex(of: "#") ?? text.endIndex
        let (before, fragment) = (text[..<end], text[end...])
        return "\(before)\(before.contains("?") ? "&" : "?")\(name)=\(value)\(fragment)"
    }
}

extension StringProtocol {
    /// With its percent-escapes read; as it is where they are broken.
    fileprivate var removingPercent: String {
        guard let fields = FormReader.fields(Array(utf8)), let name = fields.keys.first else { return String(self) }
        return name
    }
}
