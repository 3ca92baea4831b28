/// Reads the only requests the metrics server answers: a head of at most 8 KiB, without a body.
enum RequestHead: Equatable {
    case incomplete
    /// `path` is without the query.
    case complete(method: String, path: String)
    /// The status to answer with.
    case refused(status: Int)

    static let limitBytes = 8 * 1024

    /// - Parameter bytes: everything received so far.
    static func read(_ bytes: [UInt8]) -> RequestHead {
        // What does not begin like a method (TLS, say) will never become a request.
        if let first = bytes.first, !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) {
            return .refused(status: 400)
        }
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            return bytes.count < limitBytes ? .incomplete : .refused(status: 431)
        }
        guard end.upperBound <= limitBytes else { return .refused(status: 431) }
        let head = bytes[..<end.lowerBound]
        guard !head.contains(0), let line = head.split(separator: UInt8(ascii: "\r"), maxSplits: 1).first else {
            return .refused(status: 400)
        }
        return read(line: line)
    }

    /// https://www.rfc-editor.org/rfc/rfc9112#name-request-line
    private static func read(line: ArraySlice<UInt8>) -> RequestHead {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, words[0].allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }),
            words[1].first == UInt8(ascii: "/"), words[2].starts(with: "HTTP/".utf8)
        else { return .refused(status: 400) }
        guard words[2].elementsEqual("HTTP/1.1".utf8) || words[2].elementsEqual("HTTP/1.0".utf8) else {
            return .refused(status: 505)
        }
        let path = words[1].prefix { $0 != UInt8(ascii: "?") }
        return .complete(method: String(decoding: words[0], as: UTF8.self), path: String(decoding: path, as: UTF8.self))
    }
}
