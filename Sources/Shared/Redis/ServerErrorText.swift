/// Takes the words of a command out of an error text of Redis.
///
/// Redis quotes what it was sent: `ERR unknown command 'x', with args beginning with: 'secret'`,
/// `ERR unknown subcommand 'x'`, `ERR Error in ACL SETUSER modifier '>password'`.
enum ServerErrorText {
    private static let maxCharacters = 512

    static func redacted(_ text: String) -> String {
        var text = text
        if let arguments = text.range(of: ", with args beginning with") { text.removeSubrange(arguments.lowerBound...) }
        // What a Lua script reports quotes names of its source, not arguments.
        if !text.contains("user_script") { text = blankingQuotes(text) }
        return text.count > maxCharacters ? String(text.prefix(maxCharacters)) + "…" : text
    }

    private static func blankingQuotes(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(where: { $0 == "'" || $0 == "\"" || $0 == "`" }) {
            let quote = rest[open]
            let start = rest.index(after: open)
            guard let close = closing(quote, in: rest[start...]) else { break }
            result += rest[..<start]
            let after = rest[rest.index(after: close)...]
            result += after.hasPrefix(" command") ? String(rest[start..<close]) : "…"
            result.append(quote)
            rest = after
        }
        return result + rest
    }

    /// The last quote of this kind that could close the section: an argument may itself contain quotes.
    private static func closing(_ quote: Character, in text: Substring) -> Substring.Index? {
        guard let first = text.firstIndex(of: quote) else { return nil }
        let after = text[text.index(after: first)...]
        if after.hasPrefix(" command") { return first }
        return text.lastIndex(of: quote)
    }
}

extension StringProtocol {
    /// The first range equal to `pattern` (Foundation's `range(of:)` is not needed for this).
    fileprivate func range(of pattern: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(pattern) { return start..<index(start, offsetBy: pattern.count) }
            start = index(after: start)
        }
        return nil
    }
}
