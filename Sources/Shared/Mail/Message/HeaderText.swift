import FoundationEssentials

/// Text of a header as it goes over the wire: https://www.rfc-editor.org/rfc/rfc5322#section-2.2.3 (folding) and
/// https://www.rfc-editor.org/rfc/rfc2047 (anything but ASCII).
///
/// Whatever the text holds, nothing in it begins a line of its own without a blank in front: a header cannot be
/// smuggled in.
enum HeaderText {
    /// A line with an encoded word may not be longer (RFC 2047 section 2); other lines should not.
    static let maxLineBytes = 76

    /// Every run of white space and control characters as one space, none at either end.
    static func clean(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar.value < 32 || (127..<160).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
                ? " " : scalar
        }
        return String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
    }

    /// `Name: text`, folded, with the line end.
    static func unstructured(_ name: String, _ text: String) -> String {
        let text = clean(text)
        let line = "\(name): "
        let words = text.split(separator: " ")
        guard isPlain(text), words.allSatisfy({ $0.utf8.count < maxLineBytes - line.utf8.count }) else {
            return line + encodedWords(text, used: line.utf8.count) + "\r\n"
        }
        return folded(line, words) + "\r\n"
    }

    /// `Name: "Display name" <local@domain>`, folded, with the line end.
    static func address(_ name: String, _ mailbox: Mailbox) -> String {
        let line = "\(name): "
        guard let display = mailbox.name else { return line + mailbox.address + "\r\n" }
        let phrase = phrase(display, used: line.utf8.count)
        let lastLine = phrase.utf8.split(separator: UInt8(ascii: "\n")).last?.count ?? 0
        let isLong = line.utf8.count + lastLine + mailbox.address.utf8.count + 3 > maxLineBytes
        return line + phrase + (isLong ? "\r\n <" : " <") + mailbox.address + ">\r\n"
    }

    private static func phrase(_ name: String, used: Int) -> String {
        guard isPlain(name), name.utf8.count <= maxLineBytes - used - 2 else { return encodedWords(name, used: used) }
        if name.utf8.allSatisfy({ Mailbox.isAtom($0) || $0 == UInt8(ascii: " ") }) { return name }
        return "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// ASCII that nobody takes for an encoded word.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (32...126).contains($0) } && !text.contains("=?")
    }

    private static func folded(_ start: String, _ words: [Substring]) -> String {
        var text = start
        var column = start.utf8.count
        for (index, word) in words.enumerated() {
            if index > 0 {
                let fits = column + 1 + word.utf8.count <= maxLineBytes
                text += fits ? " " : "\r\n "
                column = fits ? column + 1 : 1
            }
            text += word
            column += word.utf8.count
        }
        return text
    }

    /// Encoded words of whole characters, one a line. Decoders join them without the blanks between.
    private static func encodedWords(_ text: String, used: Int) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        func limit() -> Int {
            let room = min(75, maxLineBytes - (words.isEmpty ? used : 1)) - "=?UTF-8?B??=".utf8.count
            return room / 4 * 3
        }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if word.count + bytes.count > limit() {
                words.append("=?UTF-8?B?\(Data(word).base64EncodedString())?=")
                word = []
            }
            word += bytes
        }
        if !word.isEmpty { words.append("=?UTF-8?B?\(Data(word).base64EncodedString())?=") }
        return words.joined(separator: "\r\n ")
    }
}
