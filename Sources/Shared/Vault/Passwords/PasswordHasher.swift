import FoundationEssentials

/// What a password is worth against a stored hash.
package enum PasswordVerdict: Hashable, Sendable {
    case wrong
    /// `rehashDue`: the stored hash is bcrypt, or Argon2id at another cost; hash the password anew and store that.
    case right(rehashDue: Bool)

    package var isRight: Bool { self != .wrong }
}

/// Hashes passwords by Argon2id with OWASP's parameters (19 MiB, two passes, one lane) and checks them, also those that
/// others hashed by bcrypt.
///
/// It has threads of its own. At most `threads` hashes are computed at once, so it holds at most `threads` x 19 MiB,
/// and `threads` x 64 MiB while hashes from elsewhere with higher parameters are checked. At most `maxWaiting` more
/// calls wait; the next is refused with `VaultError.overloaded`. A cancelled caller leaves the queue.
///
/// Passwords are hashed as they are typed, byte by byte, in whatever Unicode form: hashes that come from elsewhere were
/// made so, and an own normalisation would lock out their owners. (NIST SP 800-63B leaves that open.)
package final class PasswordHasher: Sendable {
    package static let passwordBytes = 1...1024
    static let saltBytes = 16
    static let hashBytes = 32

    private let threads: BlockingThreads
    /// Of no password: what is computed against it is thrown away.
    private let nothing: PHCString

    /// - Parameters:
    ///   - threads: how many hashes are computed at once; the machine's cores by default.
    ///   - maxWaiting: how many more calls may wait.
    /// - Throws: `library` when the system gives no thread.
    package init(threads: Int? = nil, maxWaiting: Int = 200) throws(VaultError) {
        self.threads = try BlockingThreads(
            count: threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount),
            maxWaiting: maxWaiting)
        var random = SystemRandomNumberGenerator()
        nothing = PHCString(
            cost: .current, salt: .random(Self.saltBytes, &random), hash: .random(Self.hashBytes, &random))
    }

    /// The hash to store, as a PHC string of 97 characters with a new salt.
    ///
    /// - Throws: `passwordLength`, `overloaded`, `library` (no memory), `CancellationError`.
    package func hash(_ password: String) async throws -> String {
        guard Self.passwordBytes.contains(password.utf8.count) else { throw VaultError.passwordLength }
        var random = SystemRandomNumberGenerator()
        let salt = [UInt8].random(Self.saltBytes, &random)
        return try await threads.run {
            let hash = try Argon2.hash(Array(password.utf8), salt: salt, cost: .current, count: Self.hashBytes)
            return PHCString(cost: .current, salt: salt, hash: hash).text
        }
    }

    /// Checks a password. Without a stored hash (no such user, or one who has no password) it does the same work for
    /// nothing and answers `wrong`, so that the time tells nothing.
    ///
    /// A password of a length that cannot be is `wrong` at once, whoever asks.
    /// - Throws: `unsupportedHash`, `overloaded`, `library` (no memory), `CancellationError`.
    package func verify(_ password: String, against hash: String?) async throws -> PasswordVerdict {
        guard Self.passwordBytes.contains(password.utf8.count) else { return .wrong }
        if let hash, Bcrypt.isBcrypt(hash) {
            try Bcrypt.check(hash)
            return try await threads.run {
                try Bcrypt.isRight(Array(password.utf8), hash: hash) ? .right(rehashDue: true) : .wrong
            }
        }
        let stored = try hash.map { try PHCString($0) } ?? nothing
        let isKnown = hash != nil
        return try await threads.run {
            let computed = try Argon2.hash(
                Array(password.utf8), salt: stored.salt, cost: stored.cost, version: stored.version,
                count: stored.hash.count)
            guard Digest.areEqual(computed, stored.hash), isKnown else { return .wrong }
            return .right(rehashDue: stored.isOutdated)
        }
    }

    /// The work of `verify` for a user who does not exist.
    package func verifyNothing(_ password: String) async throws { _ = try await verify(password, against: nil) }

    /// Whether `verify` can check it: for an operator who brings hashes from elsewhere.
    package static func isSupported(hash: String) -> Bool {
        Bcrypt.isBcrypt(hash) ? (try? Bcrypt.check(hash)) != nil : (try? PHCString(hash)) != nil
    }

    /// The most hashes that were ever computed at once.
    var mostAtOnce: Int { threads.mostRunning }

    /// Calls that are being computed or wait, for a gauge.
    package var load: Int { threads.load }
}
