import FoundationEssentials
import Glibc

/// A small file that holds secrets. Calls block.
struct KeyFile: Sendable {
    /// Tells one content of the file from the next.
    struct Stamp: Equatable {
        let modified: Int64
        let bytes: Int64
        let inode: UInt64
    }

    let path: String

    func readStamp() throws(VaultError) -> Stamp {
        var status = stat()
        guard fstatat(AT_FDCWD, path, &status, 0) == 0 else { throw failure("stat") }
        return Stamp(
            modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
            bytes: Int64(status.st_size), inode: UInt64(status.st_ino))
    }

    /// - Throws: `content` when it holds more than `maxBytes`.
    func read(maxBytes: Int) throws(VaultError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open") }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: maxBytes + 1)
        var count = 0
        while count < buffer.count {
            let part = buffer.withUnsafeMutableBytes { bytes in
                Glibc.read(descriptor, bytes.baseAddress! + count, bytes.count - count)
            }
            if part < 0, errno == EINTR { continue }
            guard part >= 0 else { throw failure("read") }
            if part == 0 { return Array(buffer.prefix(count)) }
            count += part
        }
        throw .content(path: path, reason: "more than \(maxBytes) bytes")
    }

    /// Puts the text in the file's place in one step, readable by its owner alone.
    func write(_ text: String) throws(VaultError) {
        let draft = path + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open for writing") }
        var isDone = false
        defer {
            close(descriptor)
            if !isDone { unlink(draft) }
        }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let part = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if part < 0, errno == EINTR { continue }
            guard part > 0 else { throw failure("write") }
            rest = rest.dropFirst(part)
        }
        guard fsync(descriptor) == 0 else { throw failure("fsync") }
        guard rename(draft, path) == 0 else { throw failure("rename") }
        isDone = true
    }

    private func failure(_ operation: String) -> VaultError {
        .file(path: path, operation: operation, errno: errno)
    }
}
