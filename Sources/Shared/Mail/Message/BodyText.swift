import FoundationEssentials

/// A text as the body of a message or of one of its parts: UTF-8 in whichever encoding is the shorter, so that no line
/// is long and no byte needs eight bits (https://www.rfc-editor.org/rfc/rfc2045#section-6).
struct BodyText {
    /// The value of Content-Transfer-Encoding.
    let encoding: String
    /// Lines end with CRLF, the last one too, whether or not the text's did.
    let bytes: [UInt8]

    init(_ text: String) {
        let lines = Self.lines(text)
        let quoted = Self.quotedPrintable(lines)
        let raw = Array(lines.joined(separator: [13, 10] as [UInt8])) + [13, 10]
        if quoted.count <= raw.count / 3 * 4 + 8 {
            encoding = "quoted-printable"
            bytes = quoted
        } else {
            let base64 = Data(raw).base64EncodedString(
                options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
            encoding = "base64"
            bytes = Array((base64 + "\r\n").utf8)
        }
    }

    /// Split at CRLF, CR and LF alike.
    private static func lines(_ text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == 13 || (byte == 10 && previous != 13) {
                lines.append([])
            } else if byte != 10 {
                lines[lines.count - 1].append(byte)
            }
            previous = byte
        }
        if lines.count > 1, lines[lines.count - 1].isEmpty { lines.removeLast() }
        return lines
    }

    /// https://www.rfc-editor.org/rfc/rfc2045#section-6.7
    private static func quotedPrintable(_ lines: [[UInt8]]) -> [UInt8] {
        var all: [UInt8] = []
        for line in lines {
            var column = 0
            for (index, byte) in line.enumerated() {
                let isLiteral = isLiteral(byte, isFirst: index == 0, isLast: index == line.count - 1)
                let width = isLiteral ? 1 : 3
                if column + width > 75 {
                    all.append(UInt8(ascii: "="))
                    endLine(&all)
                    column = 0
                }
                if isLiteral { all.append(byte) } else { escape(byte, into: &all) }
                column += width
            }
            endLine(&all)
        }
        return all
    }

    private static func isLiteral(_ byte: UInt8, isFirst: Bool, isLast: Bool) -> Bool {
        if byte == 32 || byte == 9 { return !isLast }
        // A line that begins with "From " or is a single dot means something to mailbox files and to old servers.
        if isFirst, byte == UInt8(ascii: "F") || byte == UInt8(ascii: ".") { return false }
        return byte > 32 && byte < 127 && byte != UInt8(ascii: "=")
    }

    private static func endLine(_ bytes: inout [UInt8]) {
        bytes.append(13)
        bytes.append(10)
    }

    private static func escape(_ byte: UInt8, into bytes: inout [UInt8]) {
        func digit(_ value: UInt8) -> UInt8 { value + (value < 10 ? 48 : 55) }
        bytes.append(UInt8(ascii: "="))
        bytes.append(digit(byte >> 4))
        bytes.append(digit(byte & 15))
    }
}
