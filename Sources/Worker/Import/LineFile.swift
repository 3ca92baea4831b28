import Glibc

/// The lines of a file, one after the other, however large it is. Calls block.
struct LineFile: ~Copyable {
    enum Line: Equatable {
        /// Without its end.
        case bytes([UInt8])
        /// It has more than `maxLineBytes`, and was passed over.
        case tooLong
    }

    struct Failure: Error, Equatable {
        let operation: String
        let errno: Int32
    }

    /// A row with the largest tokens there are is a fifth of this.
    static let maxLineBytes = 256 * 1024

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false

    init(path: String) throws(Failure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(operation: "open", errno: errno) }
    }

    deinit { close(descriptor) }

    /// `nil` at the end. What comes after the last line's end is a line if it is anything.
    mutating func next() throws(Failure) -> Line? {
        var (line, isTooLong, isAnything) = ([UInt8](), false, false)
        while try fill() {
            isAnything = true
            let rest = buffer[position...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let part = rest[..<(end ?? rest.endIndex)]
            isTooLong = isTooLong || line.count + part.count > Self.maxLineBytes
            if isTooLong { line = [] } else { line += part }
            position = end.map { $0 + 1 } ?? buffer.count
            if end != nil { break }
        }
        guard isAnything else { return nil }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return isTooLong ? .tooLong : .bytes(line)
    }

    /// Makes sure that there is something to read. False at the end.
    private mutating func fill() throws(Failure) -> Bool {
        guard position >= buffer.count, !isAtEnd else { return position < buffer.count }
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        var count = read(descriptor, &bytes, bytes.count)
        while count < 0, errno == EINTR { count = read(descriptor, &bytes, bytes.count) }
        guard count >= 0 else { throw Failure(operation: "read", errno: errno) }
        isAtEnd = count == 0
        (buffer, position) = (Array(bytes.prefix(count)), 0)
        return count > 0
    }
}

extension LineFile.Failure: CustomStringConvertible {
    var description: String { "\(operation): \(String(cString: strerror(errno)))" }
}
