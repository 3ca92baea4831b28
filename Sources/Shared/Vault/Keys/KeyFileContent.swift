import Logging

/// Keys as a file holds them.
package protocol KeyFileContent: Sendable {
    /// What they are, for logs: "signing keys".
    static var title: String { get }
    /// Of the file.
    static var maxBytes: Int { get }

    /// - Throws: `VaultError.setting`, which says what is wrong and names no secret.
    init(file bytes: [UInt8]) async throws(VaultError)

    /// The file's text. A secret.
    var privateText: String { get }

    /// Their names, which are no secrets.
    var names: [String] { get }
}

extension KeyFileContent {
    /// Reads a key file once, for an operator's command.
    ///
    /// - Throws: `VaultError.content` or `.file`.
    package static func read(path: String) async throws -> Self {
        try await WatchedKeys<Self>(path: path, logger: Logger(label: "errand.keys")).current.keys
    }

    /// Writes a key file in one step, readable by its owner alone. Blocks for a moment.
    package func write(path: String) throws(VaultError) { try KeyFile(path: path).write(privateText) }
}
