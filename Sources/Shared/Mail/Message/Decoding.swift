import FoundationEssentials

extension HeaderText {
    /// Encoded words as text; those that cannot be read stay as they are.
    static func decoded(_ raw: String) -> String {
        let joined = raw.replacing(/\?=\s+=\?/, with: "?==?")
        let text = joined.replacing(/=\?utf-8\?([bq])\?([^?\s]*)\?=/.ignoresCase()) { match in
            let bytes: [UInt8]
            if match.1.lowercased() == "b" {
                bytes = Data(base64Encoded: String(match.2)).map { [UInt8]($0) } ?? Array(match.0.utf8)
            } else {
                bytes = BodyText.unquote(Array(match.2.replacing("_", with: " ").utf8))
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        return clean(text)
    }
}

extension BodyText {
    static func decode(_ bytes: [UInt8], encoding: String) -> [UInt8] {
        switch encoding {
        case "base64": Data(base64Encoded: Data(bytes), options: .ignoreUnknownCharacters).map { [UInt8]($0) } ?? []
        case "quoted-printable": unquote(bytes)
        default: bytes
        }
    }

    /// Undoes quoted-printable; what is not valid stays as it is.
    static func unquote(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let rest = bytes[index...]
            if bytes[index] == UInt8(ascii: "="), let (length, byte) = escape(rest) {
                if let byte { result.append(byte) }
                index += length
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    /// What `=` begins: its length, and the byte it stands for, none for a soft line break. `nil`: nothing valid.
    private static func escape(_ bytes: ArraySlice<UInt8>) -> (Int, UInt8?)? {
        let next = bytes.dropFirst().prefix(2)
        if next.first == 10 { return (2, nil) }
        if next.elementsEqual([13, 10]) { return (3, nil) }
        guard next.count == 2, let byte = UInt8(String(decoding: next, as: UTF8.self), radix: 16) else { return nil }
        return (3, byte)
    }
}
