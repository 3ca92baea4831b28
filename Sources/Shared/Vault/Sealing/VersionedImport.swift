/// Opens values of the form `v{n}:{iv}:{tag}:{data}`: AES-256-GCM without associated data under key number n, the parts
/// in hex or in base64.
package struct VersionedImport: Sendable {
    private let keys: [Int: KeyBytes]

    /// - Parameter text: `1:key,2:key`, where a key is 32 bytes in hex or base64.
    /// - Throws: `VaultError.setting` with the place of the key that is none; it does not hold the text.
    package init(_ text: String) throws(VaultError) {
        var keys: [Int: KeyBytes] = [:]
        for (index, part) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            let pair = part.filter { !$0.isWhitespace }.split(separator: ":", omittingEmptySubsequences: false)
            guard pair.count == 2, let number = Self.number(pair[0]) else {
                throw .setting("key \(index + 1): not of the form number:key")
            }
            guard let (bytes, _) = Self.decode(pair[1], bytes: KeyBytes.aes256) else {
                throw .setting("key \(index + 1): not \(KeyBytes.aes256) bytes in hex or base64")
            }
            guard keys.updateValue(KeyBytes(bytes), forKey: number) == nil else {
                throw .setting("two keys of the number \(number)")
            }
        }
        self.keys = keys
    }

    /// - Throws: `malformed` for another form, `unknownKeyVersion` for a number without a key, `notAuthentic` when it
    ///   was changed or sealed by another key.
    package func open(_ text: String) throws(SealingError) -> [UInt8] {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        // The tag's size is known, so it tells hex from base64 for all of them.
        guard parts.count == 4, parts[0].first == "v", let number = Self.number(parts[0].dropFirst()),
            let (tag, decode) = Self.decode(parts[2], bytes: AESGCM.tagBytes),
            let nonce = decode(parts[1]), [12, 16].contains(nonce.count), let ciphertext = decode(parts[3])
        else { throw .malformed }
        guard let key = keys[number] else { throw .unknownKeyVersion }
        guard let plaintext = AESGCM.open(ciphertext, tag: tag, key: key, nonce: nonce, data: []) else {
            throw .notAuthentic
        }
        return plaintext
    }

    private typealias Decoding = (Substring) -> [UInt8]?

    /// So many bytes, and in which of the two ways they are written: twice as many digits are no base64 of them.
    private static func decode(_ text: some StringProtocol, bytes count: Int) -> (bytes: [UInt8], decode: Decoding)? {
        for decode: Decoding in [{ [UInt8](hex: $0) }, { Base64.decode($0) }] {
            if let bytes = decode(Substring(text)), bytes.count == count { return (bytes, decode) }
        }
        return nil
    }

    /// 0 to 999,999,999, without leading zeros.
    private static func number(_ text: some StringProtocol) -> Int? {
        guard (1...9).contains(text.utf8.count), let number = Int(text), number >= 0, String(number) == text else {
            return nil
        }
        return number
    }
}

extension VersionedImport: CustomStringConvertible {
    package var description: String { "keys \(keys.keys.sorted())" }
}

extension [UInt8] {
    /// Two digits of either case a byte; `nil` for anything else.
    init?(hex text: some StringProtocol) {
        let digits = text.utf8.map {
            Character(Unicode.Scalar($0)).isASCII ? Character(Unicode.Scalar($0)).hexDigitValue : nil
        }
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        self = bytes
    }
}
