/// A key of Fernet (https://github.com/fernet/spec/blob/master/Spec.md#key-format), to import what it sealed.
package struct FernetKey: Sendable {
    let signing: KeyBytes
    let encryption: KeyBytes

    /// - Parameter text: base64url of 32 bytes, as Python's `Fernet.generate_key()` makes.
    /// - Throws: `VaultError.setting`; it does not hold the text.
    package init(_ text: some StringProtocol) throws(VaultError) {
        guard var bytes = Base64.decode(text), bytes.count == 32 else {
            throw .setting("a Fernet key is base64url of 32 bytes")
        }
        defer { bytes.wipe() }
        signing = KeyBytes(bytes[..<16])
        encryption = KeyBytes(bytes[16...])
    }

    /// Several keys, separated by commas, in the order in which `MultiFernet` has them.
    ///
    /// - Throws: `VaultError.setting` with the number of a key that is none.
    package static func list(_ text: String) throws(VaultError) -> [FernetKey] {
        var keys: [FernetKey] = []
        for (index, part) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            do throws(VaultError) {
                keys.append(try FernetKey(part.filter { !$0.isWhitespace }))
            } catch {
                throw .setting("key \(index + 1): \(error)")
            }
        }
        return keys
    }
}

extension FernetKey: CustomStringConvertible {
    package var description: String { "a Fernet key" }
}
