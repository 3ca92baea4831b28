/// The text of an API key: `errand_`, 43 random characters of base62 (256 bits), and 6 of checksum, so that a scanner
/// knows it for a key and a slip of the pen is told from a key that is gone.
///
/// It is shown once. Kept are `digest`, by which it is found, and `prefix`, by which its owner recognises it.
package struct APIKeyText: Sendable {
    package static let start = "errand_"
    private static let secretCharacters = 43
    private static let checksumCharacters = 6
    private static let shownCharacters = 6
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// All 56 characters. A secret.
    package let text: String

    /// SHA-256, 32 bytes. Enough for a secret of 256 random bits: there is nothing to guess.
    package var digest: [UInt8] { Digest.sha256(text.utf8) }

    /// `errand_` and the first 6 characters that follow; 13 characters.
    package var prefix: String { String(text.prefix(Self.start.count + Self.shownCharacters)) }

    /// A new one.
    package static func make() -> Self {
        var random = SystemRandomNumberGenerator()
        return make(random: &random)
    }

    static func make(random: inout some RandomNumberGenerator) -> Self {
        let secret = (0..<secretCharacters).map { _ in alphabet[Int.random(in: 0..<62, using: &random)] }
        let body = Array(start.utf8) + secret
        return Self(unchecked: String(decoding: body + checksum(body), as: UTF8.self))
    }

    /// What a client presents. `nil` when it cannot be a key: another form, or a checksum that does not fit.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.start.utf8.count + Self.secretCharacters + Self.checksumCharacters,
            bytes.starts(with: Self.start.utf8),
            bytes.dropFirst(Self.start.utf8.count).allSatisfy({ Self.alphabet.contains($0) }),
            Self.checksum(Array(bytes.dropLast(Self.checksumCharacters))).elementsEqual(
                bytes.suffix(Self.checksumCharacters))
        else { return nil }
        self.text = String(text)
    }

    private init(unchecked text: String) { self.text = text }

    /// CRC-32 (ISO 3309, as in zlib) in base62, highest digit first.
    private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        var rest = crc32(bytes)
        var digits: [UInt8] = []
        for _ in 0..<checksumCharacters {
            digits.append(alphabet[Int(rest % 62)])
            rest /= 62
        }
        return digits.reversed()
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var sum = ~UInt32(0)
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 {
                let isOdd = sum & 1 == 1
                sum >>= 1
                if isOdd { sum ^= 0xEDB8_8320 }
            }
        }
        return ~sum
    }
}

extension APIKeyText: CustomStringConvertible {
    /// Without the secret.
    package var description: String { prefix + "…" }
}
