/// Cuts a stream of newline-delimited JSON into lines, chunk by chunk; where the chunks are cut makes no difference.
/// LF ends a line, a CR before it belongs to the ending, empty lines are skipped:
/// https://github.com/ndjson/ndjson-spec
package struct NDJSONDecoder: Sendable {
    private let maxLineBytes: Int
    private var lines = LineDecoder(ending: .lineFeed)
    private var failure: HTTPTransportError?

    /// `maxLineBytes` bounds one line, its CR included.
    package init(maxLineBytes: Int = 1024 * 1024) {
        self.maxLineBytes = maxLineBytes
    }

    /// The lines that `bytes` complete, undecoded. Throws `HTTPTransportError.eventTooLarge`, and from then on again;
    /// lines of the same call are lost with it.
    package mutating func feed(_ bytes: [UInt8]) throws -> [[UInt8]] {
        if let failure { throw failure }
        var found: [[UInt8]] = []
        var lines = LineDecoder(ending: .lineFeed)
        swap(&lines, &self.lines)
        defer { swap(&lines, &self.lines) }
        try lines.feed(bytes) { line in
            try bound(line.count)
            let text = Self.withoutReturn(line)
            if !text.isEmpty { found.append(text) }
        }
        try bound(lines.waitingBytes)
        return found
    }

    /// The stream has ended: the line after the last LF, or `nil` when there is none. It is complete only if the
    /// sender leaves the last LF out; whether it parses decides.
    @discardableResult
    package mutating func finish() -> [UInt8]? {
        let rest = lines.takeRest().withUnsafeBufferPointer(Self.withoutReturn)
        return rest.isEmpty ? nil : rest
    }

    private static func withoutReturn(_ line: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...])
    }

    private mutating func bound(_ lineBytes: Int) throws {
        guard lineBytes > maxLineBytes else { return }
        let error = HTTPTransportError.eventTooLarge(limitBytes: maxLineBytes)
        failure = error
        throw error
    }
}
