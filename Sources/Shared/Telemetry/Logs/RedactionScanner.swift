/// Goes through a text once, copying what may stay.
struct RedactionScanner {
    private let input: [UInt8]
    private(set) var output: [UInt8] = []
    private var position = 0
    private var hasRedacted = false

    init(_ input: [UInt8]) {
        self.input = input
        output.reserveCapacity(input.count)
    }

    /// True when something was taken out.
    mutating func run() -> Bool {
        while position < input.count {
            let isStart = position == 0 || !Self.isWord(input[position - 1])
            if isStart, Self.isWord(input[position]) {
                readWord()
            } else if input[position] == UInt8(ascii: ":"), starts(with: "://") {
                readUserInfo()
            } else {
                copy(1)
            }
        }
        return hasRedacted
    }

    // MARK: words

    private mutating func readWord() {
        let end = endOfRun(from: position, Self.isWord)
        let word = input[position..<end]
        if Self.isCredential(word) {
            redact(upTo: endOfRun(from: end, Self.isTokenByte))
        } else if let end = endOfJSONWebToken(word) {
            redact(upTo: end)
        } else if Self.isScheme(word), let value = afterBlanks(end),
            endOfRun(from: value, Self.isTokenByte) - value >= 6
        {
            copy(value - position)
            redact(upTo: endOfRun(from: value, Self.isTokenByte))
        } else if Redaction.isSecret(name: String(decoding: word, as: UTF8.self)), let value = afterSign(end) {
            copy(value - position)
            redactValue(of: word)
        } else {
            copy(end - position)
        }
    }

    /// Of our own: API keys, refresh tokens, sessions, mailed tokens; and of a model's provider. A metric's name has
    /// the form of a key as well, but no digit and no capital.
    private static let prefixes = ["errand_", "ert_", "est_", "evt_", "ept_", "eit_", "sk-", "whsec_", "whsk_"]
        .map { Array($0.utf8) }

    private static func isCredential(_ word: ArraySlice<UInt8>) -> Bool {
        guard let prefix = prefixes.first(where: { word.starts(with: $0) }) else { return false }
        let rest = word.dropFirst(prefix.count)
        return rest.count >= 16 && rest.contains { (48...57).contains($0) || (65...90).contains($0) }
    }

    /// Three parts with points between them, the first one beginning as `{"` does in Base64.
    private func endOfJSONWebToken(_ word: ArraySlice<UInt8>) -> Int? {
        guard word.count >= 10, word.starts(with: Array("eyJ".utf8)) else { return nil }
        let end = endOfRun(from: position) { Self.isWord($0) || $0 == UInt8(ascii: ".") }
        return input[position..<end].contains(UInt8(ascii: ".")) ? end : nil
    }

    private static func isScheme(_ word: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: word, as: UTF8.self).lowercased()
        return text == "bearer" || text == "basic"
    }

    // MARK: values of secret names

    /// Where a value begins after `name=`, `name: `, `"name": "` and the like. `nil`: there is none.
    private func afterSign(_ end: Int) -> Int? {
        var at = end
        if at < input.count, Self.isQuote(input[at]) { at += 1 }
        while at < input.count, input[at] == UInt8(ascii: " ") { at += 1 }
        guard at < input.count, input[at] == UInt8(ascii: "=") || input[at] == UInt8(ascii: ":"), !startsURL(at) else {
            return nil
        }
        at += 1
        while at < input.count, input[at] == UInt8(ascii: " ") { at += 1 }
        return at < input.count ? at : nil
    }

    private func startsURL(_ at: Int) -> Bool { input[at...].starts(with: Array("://".utf8)) }

    /// Quoted: to the closing quote. A header that may hold several words: to the end of the line. Otherwise one word.
    private mutating func redactValue(of name: ArraySlice<UInt8>) {
        let first = input[position]
        if Self.isQuote(first) {
            copy(1)
            return redact(upTo: endOfRun(from: position) { $0 != first })
        }
        let text = String(decoding: name, as: UTF8.self).lowercased()
        if text.hasSuffix("authorization") || text.hasSuffix("cookie") {
            return redact(upTo: endOfRun(from: position) { $0 != 10 && $0 != 13 && !Self.isQuote($0) })
        }
        redact(upTo: endOfRun(from: position) { !Self.endsValue($0) })
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte <= 32 || isQuote(byte)
            || [
                UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "}"),
                UInt8(ascii: ")"), UInt8(ascii: "]"),
            ].contains(byte)
    }

    // MARK: URLs

    /// `user:password@` between `://` and the host.
    private mutating func readUserInfo() {
        copy(3)
        let end = endOfRun(from: position) { byte in
            byte > 32 && !Self.isQuote(byte)
                && ![UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains(byte)
        }
        if let sign = input[position..<end].lastIndex(of: UInt8(ascii: "@")) { redact(upTo: sign) }
    }

    // MARK: bytes

    private mutating func copy(_ count: Int) {
        output.append(contentsOf: input[position..<position + count])
        position += count
    }

    private mutating func redact(upTo end: Int) {
        if end > position {
            output.append(contentsOf: Redaction.mark.utf8)
            hasRedacted = true
        }
        position = max(end, position)
    }

    private func starts(with text: String) -> Bool { input[position...].starts(with: Array(text.utf8)) }

    private func afterBlanks(_ from: Int) -> Int? {
        let end = endOfRun(from: from) { $0 == UInt8(ascii: " ") }
        return end > from && end < input.count ? end : nil
    }

    private func endOfRun(from start: Int, _ belongs: (UInt8) -> Bool) -> Int {
        var end = start
        while end < input.count, belongs(input[end]) { end += 1 }
        return end
    }

    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    private static func isWord(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }

    /// What a token of RFC 6750 is made of.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isWord(byte)
            || [UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "=")]
                .contains(byte)
    }
}
