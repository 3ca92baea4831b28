/// A key that wraps data keys, with the name that what it wrapped carries.
package struct MasterKey: Sendable {
    /// 1 to 16 of `a-z0-9`.
    package let id: String
    let bytes: KeyBytes

    init(id: String, bytes: KeyBytes) {
        self.id = id
        self.bytes = bytes
    }

    /// A new one from the system's randomness.
    ///
    /// - Throws: `VaultError.setting` for an id of another form.
    package static func make(id: String) throws(VaultError) -> MasterKey {
        var random = SystemRandomNumberGenerator()
        return try make(id: id, random: &random)
    }

    static func make(id: String, random: inout some RandomNumberGenerator) throws(VaultError) -> MasterKey {
        guard isID(id) else { throw .setting("the id of a master key is 1 to 16 of a-z and 0-9") }
        return MasterKey(id: id, bytes: .random(&random))
    }

    /// Reads `id:base64`. The reasons of its errors hold nothing of it: the secret may be in the wrong place.
    init(_ text: some StringProtocol) throws(VaultError) {
        guard let colon = text.firstIndex(of: ":") else { throw .setting("not of the form id:base64") }
        let id = String(text[..<colon])
        guard Self.isID(id) else { throw .setting("its id is not 1 to 16 of a-z and 0-9") }
        guard var bytes = Base64.decode(text[text.index(after: colon)...]), bytes.count == KeyBytes.aes256 else {
            throw .setting("not base64 of \(KeyBytes.aes256) bytes")
        }
        defer { bytes.wipe() }
        self.init(id: id, bytes: KeyBytes(bytes))
    }

    /// `id:base64`, for the setting or a line of the file. A secret.
    package var privateText: String {
        var copy = bytes.copy()
        defer { copy.wipe() }
        return id + ":" + Base64.encode(copy)
    }

    static func isID(_ text: some StringProtocol) -> Bool {
        (1...16).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
    }
}

extension MasterKey: CustomStringConvertible {
    /// Without the secret.
    package var description: String { "master key \(id)" }
}
