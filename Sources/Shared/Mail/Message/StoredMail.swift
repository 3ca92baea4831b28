/// A mail as a reader sees it: what `MailMessage` wrote, and any other that keeps to the same few forms.
package struct StoredMail: Sendable, Equatable {
    package var from: String
    package var to: String
    package var subject: String
    package var date: String
    package var messageID: String
    /// The first text/plain part; empty when there is none.
    package var text: String

    package init(parsing bytes: [UInt8]) {
        let entity = Entity(bytes[...])
        from = entity.decoded("from")
        to = entity.decoded("to")
        subject = entity.decoded("subject")
        date = entity.decoded("date")
        messageID = entity.decoded("message-id")
        text = entity.plainText(depth: 0)?.replacing("\r\n", with: "\n") ?? ""
    }
}

/// A message or one part of it: headers, an empty line, a body.
private struct Entity {
    private var headers: [(name: String, value: String)] = []
    private let body: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let (line, after) = Self.line(rest) {
            rest = after
            if line.isEmpty { break }
            let text = String(decoding: line, as: UTF8.self)
            if let first = line.first, first == 32 || first == 9, !headers.isEmpty {
                headers[headers.count - 1].value += text
            } else if let colon = text.firstIndex(of: ":") {
                headers.append((text[..<colon].lowercased(), String(text[text.index(after: colon)...])))
            }
        }
        body = rest
    }

    /// The first line without its end, and what follows. `nil` at the end.
    private static func line(_ bytes: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        guard !bytes.isEmpty else { return nil }
        guard let end = bytes.firstIndex(of: 10) else { return (bytes, bytes[bytes.endIndex...]) }
        let line = bytes[..<end]
        return (line.last == 13 ? line.dropLast() : line, bytes[(end + 1)...])
    }

    private func value(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    func decoded(_ name: String) -> String { HeaderText.decoded(value(name) ?? "") }

    func plainText(depth: Int) -> String? {
        let type = value("content-type") ?? "text/plain"
        if type.lowercased().contains("multipart/"), depth < 4 {
            for part in parts(type) {
                if let text = part.plainText(depth: depth + 1) { return text }
            }
            return nil
        }
        guard type.lowercased().contains("text/plain") else { return nil }
        let encoding = (value("content-transfer-encoding") ?? "").lowercased()
        let bytes = BodyText.decode(Array(body), encoding: encoding.filter { !$0.isWhitespace })
        return String(decoding: bytes, as: UTF8.self)
    }

    private func parts(_ type: String) -> [Entity] {
        guard let found = type.firstMatch(of: /boundary="?([^";\s]+)"?/.ignoresCase()) else { return [] }
        let separator = Array("--\(found.1)".utf8)
        var parts: [Entity] = []
        var start: Int?
        var rest = body
        while let (line, after) = Self.line(rest) {
            if line.starts(with: separator) {
                if let start { parts.append(Entity(body[start..<rest.startIndex])) }
                start = after.startIndex
                if line.dropFirst(separator.count).starts(with: Array("--".utf8)) { break }
            }
            rest = after
        }
        return parts
    }
}
