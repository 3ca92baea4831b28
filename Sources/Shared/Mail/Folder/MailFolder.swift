package import FoundationEssentials
internal import Glibc
internal import Threads

/// Mails as files of a folder, for a machine where none should be sent. A mail with the id of an earlier one takes its
/// place.
package struct MailFolder: Sendable {
    package let path: String
    /// How many mails are kept.
    package let capacity: Int

    static let suffix = ".eml"
    static let maxBytes = 4 << 20

    /// Makes nothing yet.
    package init(path: String, capacity: Int = 1000) {
        self.path = path
        self.capacity = capacity
    }

    /// A file operation that the system refuses.
    package struct Failed: Error, Sendable, Equatable, CustomStringConvertible {
        package let operation: String
        package let code: Int32
        package var description: String { "\(operation): \(String(cString: strerror(code)))" }

        /// By the error the system has just reported.
        init(_ operation: String, _ code: Int32 = errno) { (self.operation, self.code) = (operation, code) }
    }

    package struct Entry: Sendable {
        package let name: String
        package let writtenAt: Date
        package let mail: StoredMail
    }

    /// Makes the folder when it is not there. Whoever lists sees the whole mail or nothing of it; only the owner can
    /// read it.
    /// - Throws: `Failed`.
    package func write(_ message: MailMessage) async throws {
        let bytes = message.encoded()
        let name = message.id + Self.suffix
        try await onOwnThread { () throws(Failed) in
            try makeFolder()
            try put(bytes, as: name)
            for entry in try files().dropFirst(capacity) { unlink("\(path)/\(entry.name)") }
        }
    }

    /// The newest mails, newest first; none when there is no folder.
    /// - Throws: `Failed`.
    package func list(limit: Int) async throws -> [Entry] {
        try await onOwnThread { () throws(Failed) in
            try files().prefix(limit).compactMap { file in
                guard let bytes = contents(file.name) else { return nil }
                return Entry(
                    name: file.name, writtenAt: Date(timeIntervalSince1970: file.time),
                    mail: StoredMail(parsing: bytes))
            }
        }
    }

    /// - Parameter name: as `list` gave it. `nil` when there is no such mail.
    package func read(_ name: String) async throws -> StoredMail? {
        guard Self.isName(name) else { return nil }
        return try await onOwnThread { () throws(Failed) in contents(name).map { StoredMail(parsing: $0) } }
    }

    // MARK: on a thread of its own

    private func onOwnThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(Failed) -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do throws(NoThread) {
                try DetachedThread.start("mail-folder") {
                    continuation.resume(with: Result { () throws(Failed) in try body() }.mapError { $0 })
                }
            } catch {
                continuation.resume(throwing: Failed("starting a thread", error.errno))
            }
        }
    }

    private func makeFolder() throws(Failed) {
        var folder = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            folder += "/\(part)"
            if mkdir(folder, 0o700) != 0, errno != EEXIST { throw Failed("making the mail folder") }
        }
    }

    private func put(_ bytes: [UInt8], as name: String) throws(Failed) {
        let draft = "\(path)/.\(name).\(UInt32.random(in: 0 ... .max))"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw Failed("making a mail's file") }
        var isDone = false
        defer { if !isDone { unlink(draft) } }
        do throws(Failed) {
            try Self.writeAll(bytes, to: file)
        } catch {
            close(file)
            throw error
        }
        guard close(file) == 0, rename(draft, "\(path)/\(name)") == 0 else { throw Failed("keeping a mail's file") }
        isDone = true
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32) throws(Failed) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failed("writing a mail") }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0 else { throw Failed("writing a mail") }
    }

    /// Newest first.
    private func files() throws(Failed) -> [(name: String, time: Double)] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw Failed("reading the mail folder")
        }
        defer { closedir(folder) }
        var files: [(name: String, time: Double)] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var status = stat()
            guard Self.isName(name), lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                continue
            }
            files.append((name, Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9))
        }
        return files.sorted { ($0.time, $0.name) > ($1.time, $1.name) }
    }

    /// `nil` when it is not there, or not a mail of ours.
    private func contents(_ name: String) -> [UInt8]? {
        let file = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= Self.maxBytes {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += buffer[..<count]
        }
        return nil
    }

    /// A file's name that cannot lead out of the folder.
    private static func isName(_ name: String) -> Bool {
        name.hasSuffix(suffix) && !name.hasPrefix(".") && name.utf8.count <= 200
            && name.utf8.allSatisfy { Mailbox.isLetterOrDigit($0) || "-_.".utf8.contains($0) }
    }
}
