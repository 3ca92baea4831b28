/// Puts libcurl's header lines together, one call a line, and says when the final head is complete.
///
/// Lines come with their line end; an empty one ends a head. Interim (1xx) heads are dropped. What follows the final
/// head are trailers: counted, not kept.
struct HTTPHeadParser {
    enum Step {
        case more
        case head(HTTPHead)
        case tooLarge
    }

    private let maxBytes: Int
    private var seenBytes = 0
    private var head = HTTPHead(status: 0, headers: HTTPHeaders())
    private var isComplete = false

    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Step {
        seenBytes += bytes.count
        guard seenBytes <= maxBytes else { return .tooLarge }
        guard !isComplete else { return .more }
        let line = Self.trimmed(bytes[...])
        if line.isEmpty { return endOfHead() }
        if line.starts(with: "HTTP/".utf8) {
            head = HTTPHead(status: Self.status(of: line), headers: HTTPHeaders())
        } else if bytes[0] == UInt8(ascii: " ") || bytes[0] == UInt8(ascii: "\t") {
            head.headers.extendLast(with: String(decoding: line, as: UTF8.self))
        } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            head.headers.append(
                name: String(decoding: Self.trimmed(line[..<colon]), as: UTF8.self),
                value: String(decoding: Self.trimmed(line[(colon + 1)...]), as: UTF8.self))
        }
        return .more
    }

    private mutating func endOfHead() -> Step {
        // 101 would switch protocols, which is never asked for: like any other 1xx it is not an answer.
        guard head.status >= 200 else { return .more }
        isComplete = true
        return .head(head)
    }

    /// The three digits after the version; 0 when they are missing, which no caller takes for an answer.
    private static func status(of line: Slice<UnsafeRawBufferPointer>) -> Int {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard words.count > 1 else { return 0 }
        return Int(String(decoding: words[1], as: UTF8.self)) ?? 0
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var rest = bytes
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        while let first = rest.first, isBlank(first) { rest = rest.dropFirst() }
        return rest
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 32 || byte == 9 || byte == 10 || byte == 13
    }
}
