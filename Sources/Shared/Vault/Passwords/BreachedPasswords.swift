import FoundationEssentials
import Glibc

/// The passwords that others lost, in a file of Have I Been Pwned ordered by hash: lines of an upper-case SHA-1, a
/// colon and a count, sorted (https://haveibeenpwned.com/Passwords). Tens of gigabytes are fine: a look-up reads some
/// thirty short pieces, on a thread of its own, and nothing is kept in memory.
///
/// The file stays open: one that is put in its place is seen after a restart.
package final class BreachedPasswords: Sendable {
    private let file: SortedHashFile
    private let threads: BlockingThreads

    /// Opens the file and looks at 64 of its lines.
    ///
    /// - Throws: `file` when it cannot be read, `content` when the lines looked at are of another form or not sorted.
    package init(path: String, maxWaiting: Int = 200) async throws {
        let threads = try BlockingThreads(count: 1, maxWaiting: maxWaiting)
        file = try await threads.run {
            let file = try SortedHashFile(path: path)
            try file.checkSample(lines: 64)
            return file
        }
        self.threads = threads
    }

    /// Whether the password is in the file.
    ///
    /// - Throws: `file` when reading fails, `content` when it meets a line of another form, `overloaded`,
    ///   `CancellationError`.
    package func contains(_ password: String) async throws -> Bool {
        let digest = Digest.sha1(password.utf8)
        let file = file
        return try await threads.run { try file.contains(digest) }
    }
}
