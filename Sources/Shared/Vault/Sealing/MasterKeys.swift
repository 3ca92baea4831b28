/// The master keys: the first wraps, all unwrap.
///
/// A new one is put in front; the old one goes when every data key was wrapped anew.
package struct MasterKeys: Sendable {
    package static let title = "master keys"
    package static let maxBytes = 4096
    package static let maxKeys = 16

    /// In their order; never empty.
    package let keys: [MasterKey]

    /// - Throws: `VaultError.setting` when there is none or there are more than 16, when two share an id, and when two
    ///   are the same key: taking one away would take nothing away.
    package init(_ keys: [MasterKey]) throws(VaultError) {
        guard !keys.isEmpty else { throw .setting("no master key") }
        guard keys.count <= Self.maxKeys else { throw .setting("more than \(Self.maxKeys) master keys") }
        for (index, key) in keys.enumerated() {
            for other in keys[..<index] {
                guard other.id != key.id else { throw .setting("two master keys of the id \(key.id)") }
                guard !other.bytes.isSame(as: key.bytes) else {
                    throw .setting("the master keys \(other.id) and \(key.id) are the same")
                }
            }
        }
        self.keys = keys
    }

    /// Reads MASTER_KEYS, or what MASTER_KEYS_FILE holds: one `id:base64` after the other, separated by commas or ends
    /// of lines. White space around them does not count.
    ///
    /// - Throws: as `init(_:)`, and `VaultError.setting` with the number of a key that is none.
    package init(_ text: String) throws(VaultError) {
        let parts = text.split { $0 == "," || $0.isNewline }
            .map { $0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed() }
            .filter { !$0.isEmpty }
        var keys: [MasterKey] = []
        for (index, part) in parts.prefix(Self.maxKeys + 1).enumerated() {
            do throws(VaultError) {
                keys.append(try MasterKey(String(part)))
            } catch {
                throw .setting("master key \(index + 1): \(error)")
            }
        }
        try self.init(keys)
    }

    /// What wraps.
    package var first: MasterKey { keys[0] }

    /// `nil` for an unknown id.
    subscript(id: String) -> MasterKey? { keys.first { $0.id == id } }

    /// With this key in front, so that it wraps; or behind the others, so that every process knows it before it does.
    ///
    /// - Throws: as `init(_:)`.
    package func adding(_ key: MasterKey, first: Bool) throws(VaultError) -> MasterKeys {
        try MasterKeys(first ? [key] + keys : keys + [key])
    }

    /// Without the key of this id.
    ///
    /// - Throws: `VaultError.setting` when there is none, or no other.
    package func removing(id: String) throws(VaultError) -> MasterKeys {
        guard self[id] != nil else { throw .setting("no master key \(id)") }
        return try MasterKeys(keys.filter { $0.id != id })
    }
}

/// The keys of MASTER_KEYS or MASTER_KEYS_FILE as they are now.
package typealias MasterKeyRing = WatchedKeys<MasterKeys>

extension MasterKeys: KeyFileContent {
    package init(file bytes: [UInt8]) throws(VaultError) { try self.init(String(decoding: bytes, as: UTF8.self)) }

    /// The file's text, one key a line. A secret.
    package var privateText: String { keys.map { $0.privateText + "\n" }.joined() }

    package var names: [String] { keys.map(\.id) }
}

extension MasterKeys: CustomStringConvertible {
    /// Without the secrets.
    package var description: String { "master keys \(names.joined(separator: ", "))" }
}
