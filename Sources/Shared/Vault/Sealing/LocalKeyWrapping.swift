/// Wraps by AES-256-GCM under the master keys that this process holds.
package struct LocalKeyWrapping: KeyWrapping {
    private let ring: MasterKeyRing

    /// Uses what the ring holds at each call.
    package init(_ ring: MasterKeyRing) { self.ring = ring }

    package init(_ keys: MasterKeys) { ring = MasterKeyRing(keys) }

    package var currentKeyID: String { ring.current.keys.first.id }

    package func wrap(_ key: [UInt8], context: [UInt8]) -> WrappedKey {
        var random = SystemRandomNumberGenerator()
        let master = ring.current.keys.first
        let bytes = AESGCM.seal(key, key: master.bytes, data: Self.data(master.id, context), random: &random)
        return WrappedKey(masterKeyID: master.id, bytes: bytes)
    }

    /// For an id that is not known it looks at the file first: whoever wrapped the key may have seen a new one sooner.
    package func unwrap(_ wrapped: WrappedKey, context: [UInt8]) async throws -> [UInt8] {
        let master = try await master(wrapped.masterKeyID)
        let data = Self.data(master.id, context)
        guard let key = AESGCM.open(wrapped.bytes, key: master.bytes, data: data) else {
            throw SealingError.notAuthentic
        }
        return key
    }

    private func master(_ id: String) async throws -> MasterKey {
        if let master = ring.current.keys[id] { return master }
        try await ring.refresh()
        guard let master = ring.current.keys[id] else { throw SealingError.unknownMasterKey(id) }
        return master
    }

    private static func data(_ id: String, _ context: [UInt8]) -> [UInt8] {
        [UInt8](lengthPrefixed: [Array("errand wrapped key 1".utf8), Array(id.utf8), context])
    }
}
