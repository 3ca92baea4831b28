/// Takes out of a text what must not be in a log: credentials of ours and of others, by their form and by the names
/// before them. What is taken out cannot be told from its length.
enum Redaction {
    static let mark = "[redacted]"

    /// The text without credentials.
    static func text(_ text: String) -> String {
        var text = text
        let bytes = text.withUTF8 { Array($0) }
        guard bytes.count >= 8 else { return text }
        var scanner = RedactionScanner(bytes)
        return scanner.run() ? String(decoding: scanner.output, as: UTF8.self) : text
    }

    /// Whether what goes by this name is a secret as a whole: `password`, `X-CSRF-Token`, `refreshToken`, `api_key`.
    static func isSecret(name: some StringProtocol) -> Bool { isSecret(words: words(name)) }

    private static let secretWords: Set<String> = [
        "authorization", "cookie", "password", "passwd", "passphrase", "secret", "token", "credential", "credentials",
        "apikey", "dsn",
    ]

    private static func isSecret(words: [String]) -> Bool {
        if words.contains(where: secretWords.contains) { return true }
        return zip(words, words.dropFirst()).contains { first, second in
            second == "key" && ["api", "private", "signing", "access", "sentry"].contains(first)
        }
    }

    /// `refreshToken`, `refresh_token` and `Refresh-Token` are the same two words.
    private static func words(_ name: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for character in name.unicodeScalars {
            let isUpper = ("A"..."Z").contains(character)
            let isLetter = isUpper || ("a"..."z").contains(character) || ("0"..."9").contains(character)
            if !isLetter || (isUpper && wasLower) {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if isLetter { word += String(character).lowercased() }
            wasLower = isLetter && !isUpper
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}
