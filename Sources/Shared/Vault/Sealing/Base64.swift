/// base64 as others write it (RFC 4648 sections 4 and 5): either alphabet, padded or not. For keys and values that come
/// from outside; Errand's own texts are `Base64URL`.
enum Base64 {
    /// With padding, as `openssl rand -base64` writes.
    static func encode(_ bytes: some Collection<UInt8>) -> String {
        let text = Base64URL.encode(bytes).replacing("-", with: "+").replacing("_", with: "/")
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }

    /// `nil` for other characters, a wrong number of `=`, and bits that are left over.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var characters = text.utf8.map { character in
            switch character {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: character
            }
        }
        if characters.last == UInt8(ascii: "=") {
            guard characters.count % 4 == 0 else { return nil }
            characters.removeLast()
            if characters.last == UInt8(ascii: "=") { characters.removeLast() }
        }
        return Base64URL.decode(characters)
    }
}
