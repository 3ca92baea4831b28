package import Logging
import Synchronization

/// The keys of AUTH_KEYS_FILE as they are now: a JWK set with private halves, whose first key signs and all of whose
/// keys verify. The file is read again when it changed.
package final class SigningKeys: Sendable {
    private struct State {
        var keys: SigningKeySet
        var version: UInt64
        var stamp: KeyFile.Stamp?
    }

    private let file: KeyFile?
    private let thread: BlockingThreads?
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads the file.
    ///
    /// - Throws: `VaultError.content` or `.file`, naming the path and what is wrong.
    package init(path: String, logger: Logger) async throws {
        let file = KeyFile(path: path)
        let thread = try BlockingThreads(count: 1, maxWaiting: 16)
        let (stamp, keys) = try await Self.read(file, thread)
        self.file = file
        self.thread = thread
        self.logger = logger
        state = Mutex(State(keys: keys, version: 1, stamp: stamp))
    }

    /// Keys that no file holds, for tests.
    package init(_ keys: SigningKeySet) {
        file = nil
        thread = nil
        logger = Logger(label: "errand.keys")
        state = Mutex(State(keys: keys, version: 1, stamp: nil))
    }

    /// What holds now, and a number that rises whenever it changes.
    package var current: (keys: SigningKeySet, version: UInt64) { state.withLock { ($0.keys, $0.version) } }

    /// The public halves as JSON, for `/.well-known/jwks.json`.
    package var publicText: String { current.keys.publicText }

    /// Looks at the file every `interval` until the task is cancelled, and takes what it holds when it changed.
    package func watch(every interval: Duration = .seconds(5)) async {
        var reported: String?
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: interval)
                try await refresh()
                reported = nil
            } catch is CancellationError {
                return
            } catch {
                // Once for each trouble, not at every look.
                if reported != "\(error)" {
                    logger.error("The signing keys stay as they were", metadata: ["error": "\(error)"])
                }
                reported = "\(error)"
            }
        }
    }

    /// Takes the file's keys if it changed since it was last read well.
    ///
    /// - Returns: whether there are other keys now.
    /// - Throws: `VaultError` when it cannot be read or holds no usable set; then the keys stay as they were.
    @discardableResult
    package func refresh() async throws -> Bool {
        guard let file, let thread else { return false }
        let before = state.withLock { $0.stamp }
        guard try await thread.run({ try file.readStamp() }) != before else { return false }
        let (stamp, keys) = try await Self.read(file, thread)
        replace(keys, stamp)
        logger.notice("Took new signing keys", metadata: ["kid": "\(keys.keys.map(\.kid))"])
        return true
    }

    /// Puts other keys in their place, as a changed file would.
    func replace(_ keys: SigningKeySet) { replace(keys, nil) }

    private func replace(_ keys: SigningKeySet, _ stamp: KeyFile.Stamp?) {
        state.withLock { $0 = State(keys: keys, version: $0.version + 1, stamp: stamp) }
    }

    /// The stamp is taken first: what is written after it is seen the next time.
    private static func read(
        _ file: KeyFile, _ thread: BlockingThreads
    ) async throws -> (KeyFile.Stamp, SigningKeySet) {
        let (stamp, bytes) = try await thread.run {
            (try file.readStamp(), try file.read(maxBytes: SigningKeySet.maxBytes))
        }
        do {
            return (stamp, try await SigningKeySet(json: bytes))
        } catch {
            throw VaultError.content(path: file.path, reason: "\(error)")
        }
    }
}

extension SigningKeySet {
    /// Reads a key file once, for an operator's command.
    ///
    /// - Throws: `VaultError.content` or `.file`.
    package static func read(path: String) async throws -> SigningKeySet {
        try await SigningKeys(path: path, logger: Logger(label: "errand.keys")).current.keys
    }

    /// Writes a key file in one step, readable by its owner alone. Blocks for a moment.
    package func write(path: String) throws(VaultError) { try KeyFile(path: path).write(privateText) }
}
