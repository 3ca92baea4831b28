/// Cuts a byte stream into lines, whatever the chunks. A line that is not complete waits, up to a bound.
struct LineDecoder {
    /// What ends a line.
    enum Ending {
        case lineFeed
        /// LF, CR or CRLF; a CRLF cut in two by a chunk's end is still one.
        case any
    }

    private let ending: Ending
    private var partial: [UInt8] = []
    private var skipsLineFeed = false

    init(ending: Ending) {
        self.ending = ending
    }

    /// Bytes of the incomplete line.
    var waitingBytes: Int { partial.count }

    /// Calls `line` with each line that `bytes` completes, without its ending.
    mutating func feed(_ bytes: [UInt8], line: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
        try bytes.withUnsafeBufferPointer { buffer in
            var start = 0
            if skipsLineFeed, let first = buffer.first {
                skipsLineFeed = false
                if first == UInt8(ascii: "\n") { start = 1 }
            }
            while let end = nextEnding(in: buffer, from: start) {
                try emit(buffer[start..<end], line)
                start = end + 1
                guard buffer[end] == UInt8(ascii: "\r") else { continue }
                if start == buffer.count {
                    skipsLineFeed = true
                } else if buffer[start] == UInt8(ascii: "\n") {
                    start += 1
                }
            }
            partial.append(contentsOf: buffer[start...])
        }
    }

    /// The bytes after the last ending; the decoder is empty afterwards.
    mutating func takeRest() -> [UInt8] {
        defer { partial = [] }
        return partial
    }

    private func nextEnding(in buffer: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < buffer.count {
            let byte = buffer[index]
            if byte == UInt8(ascii: "\n") || (byte == UInt8(ascii: "\r") && ending == .any) { return index }
            index += 1
        }
        return nil
    }

    private mutating func emit(
        _ tail: Slice<UnsafeBufferPointer<UInt8>>, _ line: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) rethrows {
        guard !partial.isEmpty else { return try line(UnsafeBufferPointer(rebasing: tail)) }
        partial.append(contentsOf: tail)
        defer { partial.removeAll(keepingCapacity: true) }
        try partial.withUnsafeBufferPointer(line)
    }
}
