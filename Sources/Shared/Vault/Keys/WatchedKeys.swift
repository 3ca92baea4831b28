package import Logging
import Synchronization

/// The keys of a file as they are now. The file is read again when it changed.
package final class WatchedKeys<Keys: KeyFileContent>: Sendable {
    private struct State {
        var keys: Keys
        var version: UInt64
        var stamp: KeyFile.Stamp?
    }

    /// How many may ask for a look at the file at once.
    private static var maxWaiting: Int { 1024 }

    private let file: KeyFile?
    private let thread: BlockingThreads?
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads the file.
    ///
    /// - Throws: `VaultError.content` or `.file`, naming the path and what is wrong.
    package init(path: String, logger: Logger) async throws {
        let file = KeyFile(path: path)
        let thread = try BlockingThreads(count: 1, maxWaiting: Self.maxWaiting)
        let (stamp, keys) = try await Self.read(file, thread)
        self.file = file
        self.thread = thread
        self.logger = logger
        state = Mutex(State(keys: keys, version: 1, stamp: stamp))
    }

    /// Keys that no file holds.
    package init(_ keys: Keys) {
        file = nil
        thread = nil
        logger = Logger(label: "errand.keys")
        state = Mutex(State(keys: keys, version: 1, stamp: nil))
    }

    /// What holds now, and a number that rises whenever it changes.
    package var current: (keys: Keys, version: UInt64) { state.withLock { ($0.keys, $0.version) } }

    /// Whether there is a file that may change.
    package var isWatchable: Bool { file != nil }

    /// Between two looks at the file.
    package static var interval: Duration { .seconds(5) }

    /// Looks at the file every `interval` until the task is cancelled, and takes what it holds when it changed.
    package func watch(every interval: Duration = interval) async {
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
                    logger.error("The \(Keys.title) stay as they were", metadata: ["error": "\(error)"])
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
        guard replace(keys, stamp) else { return false }
        logger.notice("Took new \(Keys.title)", metadata: ["kid": "\(keys.names)"])
        return true
    }

    /// Puts other keys in their place, as a changed file would.
    func replace(_ keys: Keys) {
        state.withLock { $0 = State(keys: keys, version: $0.version + 1, stamp: nil) }
    }

    /// False when another look at the file has brought them already.
    private func replace(_ keys: Keys, _ stamp: KeyFile.Stamp) -> Bool {
        state.withLock { state in
            guard state.stamp != stamp else { return false }
            state = State(keys: keys, version: state.version + 1, stamp: stamp)
            return true
        }
    }

    /// The stamp is taken first: what is written after it is seen the next time.
    private static func read(_ file: KeyFile, _ thread: BlockingThreads) async throws -> (KeyFile.Stamp, Keys) {
        let (stamp, bytes) = try await thread.run {
            (try file.readStamp(), try file.read(maxBytes: Keys.maxBytes))
        }
        do {
            return (stamp, try await Keys(file: bytes))
        } catch {
            throw VaultError.content(path: file.path, reason: "\(error)")
        }
    }
}
