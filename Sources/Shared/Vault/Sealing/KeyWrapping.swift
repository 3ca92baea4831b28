package import FoundationEssentials

/// Encrypts data keys by a master key that only it knows: the place for a key management service.
///
/// `context` goes with the key without being secret (the encryption context of a service): unwrapping needs the same.
package protocol KeyWrapping: Sendable {
    /// The id of the master key that `wrap` uses now.
    var currentKeyID: String { get }

    /// - Throws: what keeps the service from doing it. A `LocalKeyWrapping` always does.
    func wrap(_ key: [UInt8], context: [UInt8]) async throws -> WrappedKey

    /// - Throws: `SealingError.unknownMasterKey`; `notAuthentic` when it or the context was changed; or what keeps the
    ///   service from doing it: a `VaultError` when a `LocalKeyWrapping` cannot read its file.
    func unwrap(_ wrapped: WrappedKey, context: [UInt8]) async throws -> [UInt8]
}

extension KeyWrapping {
    /// What is stored of a data key.
    ///
    /// - Throws: as `wrap(_:context:)`.
    package func wrap(_ key: DataKey) async throws -> WrappedKey {
        var bytes = key.bytes.copy()
        defer { bytes.wipe() }
        return try await wrap(bytes, context: DataKey.context(owner: key.owner, version: key.version))
    }

    /// The data key that was stored for this owner and version, and for no other.
    ///
    /// - Throws: as `unwrap(_:context:)`; `malformed` when it is no data key.
    package func unwrap(_ wrapped: WrappedKey, owner: UUID, version: Int) async throws -> DataKey {
        var bytes = try await unwrap(wrapped, context: DataKey.context(owner: owner, version: version))
        defer { bytes.wipe() }
        guard bytes.count == KeyBytes.aes256, DataKey.versions.contains(version) else { throw SealingError.malformed }
        return DataKey(owner: owner, version: version, bytes: KeyBytes(bytes))
    }

    /// The same data key under the current master key, for a rotation. What it sealed stays as it is.
    ///
    /// - Returns: `nil` when it is under that already.
    /// - Throws: as `unwrap(_:owner:version:)`.
    package func rewrap(_ wrapped: WrappedKey, owner: UUID, version: Int) async throws -> WrappedKey? {
        guard wrapped.masterKeyID != currentKeyID else { return nil }
        return try await wrap(try await unwrap(wrapped, owner: owner, version: version))
    }
}
