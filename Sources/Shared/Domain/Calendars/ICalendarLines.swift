/// Content lines of iCalendar (RFC 5545 section 3.1), as they are written.
struct ICalendarLines {
    private var bytes: [UInt8] = []
    /// Of the line that is being written.
    private var length = 0

    /// "Lines of text SHOULD NOT be longer than 75 octets, excluding the line break."
    private static let maxLineBytes = 75

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// A value that has no text in it, or one of which each part was escaped. Whatever would end the line is left out
    /// all the same.
    mutating func add(_ name: String, _ parameters: [(name: String, value: String)] = [], value: String) {
        length = 0
        write(name)
        for parameter in parameters { write(";\(parameter.name)=\(parameter.value)") }
        write(":\(value)")
        bytes += [13, 10]
    }

    /// Nothing where there is no text.
    mutating func add(_ name: String, text: String?) {
        guard let text, !text.isEmpty else { return }
        add(name, value: Self.escaped(text))
    }

    /// Folds before a character that would be too much, never within one.
    private mutating func write(_ text: String) {
        for scalar in text.unicodeScalars where !scalar.isLineEnding && !scalar.isControl {
            let character = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            if length + character.count > Self.maxLineBytes {
                bytes += [13, 10, 32]
                length = 1
            }
            bytes += character
            length += character.count
        }
    }

    /// A TEXT value (section 3.3.11). Lines end as `\n` does, in whatever way they did before; other control characters
    /// are left out.
    static func escaped(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        var isAfterReturn = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where isAfterReturn: break
            case "\\", ";", ",": escaped.append(contentsOf: ["\\", scalar])
            case _ where scalar.isLineEnding: escaped.append(contentsOf: ["\\", "n"])
            default: escaped.append(scalar)
            }
            isAfterReturn = scalar == "\r"
        }
        return String(escaped)
    }

    /// A parameter's value between quotation marks, of which it cannot hold any: https://www.rfc-editor.org/rfc/rfc6868
    /// says what stands for them. Of more than one line it makes one.
    static func quoted(_ text: String) -> String {
        var quoted = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "^": quoted.append(contentsOf: ["^", "^"])
            case "\"": quoted.append(contentsOf: ["^", "'"])
            default: quoted.append(scalar.isLineEnding ? " " : scalar)
            }
        }
        return "\"\(String(quoted))\""
    }

    /// A URI, in which what may not stand there is given by its bytes (RFC 3986 section 2.1), and so are the comma and
    /// the semicolon, which iCalendar reads.
    static func uri(_ text: String) -> String { encoded(text, except: uriBytes) }

    /// Of a calendar user (section 3.3.3): all in it is the address, without a query of `mailto`.
    static func address(_ email: String) -> String { "mailto:" + encoded(email, except: addressBytes) }

    private static func encoded(_ text: String, except plain: Set<UInt8>) -> String {
        var encoded = ""
        for byte in text.utf8 {
            if plain.contains(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    private static let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    private static let uriBytes = Set((unreserved + ":/?#[]@!$&'()*+=%").utf8)
    private static let addressBytes = Set((unreserved + "@!$'*+").utf8)
}

extension Unicode.Scalar {
    /// Some reader or other takes it for the end of a line.
    fileprivate var isLineEnding: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    fileprivate var isControl: Bool { (value < 0x20 && value != 9) || (0x7F...0x9F).contains(value) }
}
