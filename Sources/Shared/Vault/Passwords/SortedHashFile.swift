import Glibc

/// A file of lines `<40 upper-case hexadecimal digits>:<count>`, sorted, searched by halving byte offsets. Calls block.
final class SortedHashFile: Sendable {
    private struct Line {
        let hash: [UInt8]
        let start: Int64
        /// Where the next line begins, or the file ends.
        let end: Int64
    }

    private static let hashDigits = 40
    /// Longer than any line: a hash, a colon, a count, and the line's end.
    private static let lineBytes = 80
    /// So little is left that it is read in one go.
    private static let blockBytes: Int64 = 4096

    private let path: String
    private let descriptor: Int32
    private let size: Int64

    /// - Throws: `file`; `content` when it is empty.
    init(path: String) throws(VaultError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, operation: "open", errno: errno) }
        size = Int64(lseek(descriptor, 0, SEEK_END))
        guard size > 0 else {
            close(descriptor)
            throw .content(path: path, reason: "no lines")
        }
    }

    deinit { close(descriptor) }

    /// - Throws: `content` unless that many lines, spread over the file, are of the right form and rise.
    func checkSample(lines: Int) throws(VaultError) {
        var last: Line?
        for index in 0..<Int64(lines) {
            let (part, rest) = size.quotientAndRemainder(dividingBy: Int64(lines))
            guard let line = try line(from: part * index + min(rest, index)) else { continue }
            if let last, last.start < line.start, !last.hash.lexicographicallyPrecedes(line.hash) {
                throw .content(path: path, reason: "not ordered by hash")
            }
            last = line
        }
        if last == nil { throw .content(path: path, reason: "no lines") }
    }

    /// - Parameter digest: 20 bytes.
    func contains(_ digest: [UInt8]) throws(VaultError) -> Bool {
        let wanted = Self.digits(digest)
        // Lines before `low` are smaller, those from `high` on greater. Both are where lines begin.
        var (low, high): (Int64, Int64) = (0, size)
        while high - low > Self.blockBytes {
            guard let line = try line(from: low + (high - low) / 2), line.start < high else { break }
            if line.hash == wanted { return true }
            if line.hash.lexicographicallyPrecedes(wanted) { low = line.end } else { high = line.start }
        }
        return try search(for: wanted, from: low, to: high)
    }

    private func search(for wanted: [UInt8], from low: Int64, to high: Int64) throws(VaultError) -> Bool {
        var start = low
        while start < high {
            guard let line = try line(from: start) else { return false }
            if line.hash == wanted { return true }
            start = line.end
        }
        return false
    }

    /// The first line that begins at `offset` or after it. `nil` when none does.
    private func line(from offset: Int64) throws(VaultError) -> Line? {
        // One byte more in front tells whether a line begins right at the offset.
        let isFirst = offset == 0
        let bytes = try read(from: isFirst ? 0 : offset - 1, count: 2 * Self.lineBytes)
        let newline = UInt8(ascii: "\n")
        var begin = 0
        if !isFirst {
            guard let end = bytes.firstIndex(of: newline) else { return try atEnd(offset, bytes) }
            begin = end + 1
        }
        guard begin < bytes.count else { return try atEnd(offset, bytes) }
        let end = bytes[begin...].firstIndex(of: newline)
        let start = (isFirst ? 0 : offset - 1) + Int64(begin)
        let text = bytes[begin..<(end ?? bytes.count)]
        let next = end.map { (isFirst ? 0 : offset - 1) + Int64($0) + 1 } ?? size
        guard end != nil || start + Int64(text.count) == size, let hash = Self.hash(of: text) else {
            throw .content(path: path, reason: "a line at byte \(start) that is not <SHA-1>:<count>")
        }
        return Line(hash: hash, start: start, end: next)
    }

    private func atEnd(_ offset: Int64, _ bytes: [UInt8]) throws(VaultError) -> Line? {
        guard max(0, offset - 1) + Int64(bytes.count) >= size else {
            throw .content(path: path, reason: "no line near byte \(offset)")
        }
        return nil
    }

    private func read(from offset: Int64, count: Int) throws(VaultError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let part = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + done, count - done, off_t(offset) + off_t(done))
            }
            if part < 0, errno == EINTR { continue }
            guard part >= 0 else { throw .file(path: path, operation: "pread", errno: errno) }
            if part == 0 { break }
            done += part
        }
        return Array(bytes.prefix(done))
    }

    /// `nil` when the line is of another form.
    private static func hash(of line: ArraySlice<UInt8>) -> [UInt8]? {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        let hash = line.prefix(hashDigits)
        let count = line.dropFirst(hashDigits + 1)
        guard hash.count == hashDigits,
            hash.allSatisfy({ isDigit($0) || (UInt8(ascii: "A")...UInt8(ascii: "F") ~= $0) }),
            line.dropFirst(hashDigits).first == UInt8(ascii: ":"), (1...20).contains(count.count),
            count.allSatisfy(isDigit)
        else { return nil }
        return Array(hash)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func digits(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
