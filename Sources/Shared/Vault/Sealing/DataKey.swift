package import FoundationEssentials

/// The key that seals what belongs to one owner. It is stored wrapped by a master key (`KeyWrapping`); without that row
/// nothing of what it sealed can be read again.
package struct DataKey: Sendable {
    /// A PostgreSQL integer from 1.
    static let versions = 1...Int(Int32.max)

    /// The tenant whose values it seals.
    package let owner: UUID
    /// From 1; rises when the owner gets a new key.
    package let version: Int
    let bytes: KeyBytes

    init(owner: UUID, version: Int, bytes: KeyBytes) {
        precondition(Self.versions.contains(version), "a version is a PostgreSQL integer from 1")
        self.owner = owner
        self.version = version
        self.bytes = bytes
    }

    /// A new one from the system's randomness.
    package static func make(owner: UUID, version: Int) -> DataKey {
        var random = SystemRandomNumberGenerator()
        return make(owner: owner, version: version, random: &random)
    }

    static func make(owner: UUID, version: Int, random: inout some RandomNumberGenerator) -> DataKey {
        DataKey(owner: owner, version: version, bytes: .random(&random))
    }

    /// Two calls with the same value give different texts.
    package func seal(_ plaintext: [UInt8], for place: SealedPlace) -> SealedText {
        var random = SystemRandomNumberGenerator()
        return seal(plaintext, for: place, random: &random)
    }

    func seal(_ plaintext: [UInt8], for place: SealedPlace, random: inout some RandomNumberGenerator) -> SealedText {
        SealedText(
            keyVersion: version, bytes: AESGCM.seal(plaintext, key: bytes, data: data(place), random: &random))
    }

    /// What was sealed for this place.
    ///
    /// - Throws: `unknownKeyVersion` when another version of the key sealed it, `notAuthentic` when it was sealed for
    ///   another place, by another owner's key, or was changed.
    package func open(_ sealed: SealedText, for place: SealedPlace) throws(SealingError) -> [UInt8] {
        guard sealed.keyVersion == version else { throw .unknownKeyVersion }
        guard let plaintext = AESGCM.open(sealed.bytes, key: bytes, data: data(place)) else { throw .notAuthentic }
        return plaintext
    }

    private func data(_ place: SealedPlace) -> [UInt8] {
        [UInt8](lengthPrefixed: [
            Array("errand sealed value 1".utf8), owner.bytes, [UInt8](bigEndian: UInt32(version)), place.tenant.bytes,
            place.record.bytes, Array(place.field.utf8),
        ])
    }

    /// Binds a wrapped key to its row.
    static func context(owner: UUID, version: Int) -> [UInt8] {
        [UInt8](lengthPrefixed: [
            Array("errand data key".utf8), owner.bytes, [UInt8](bigEndian: Int64(version)),
        ])
    }
}

extension DataKey: CustomStringConvertible {
    /// Without the secret.
    package var description: String { "data key \(version) of \(owner.text)" }
}
