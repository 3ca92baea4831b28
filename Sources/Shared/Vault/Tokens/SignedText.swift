/// How Errand's own opaque tokens are written: a prefix that tells their kind, then base64url of the key's id, a body
/// of a fixed size, and the HMAC-SHA256 of both.
///
/// One value has one text. The kind is signed too: every kind has keys of its own.
struct SignedText: Sendable {
    private static let codeBytes = 32

    private let prefix: String
    private let bodyBytes: Int
    private let keys: [AuthSecrets.Key]

    init(_ prefix: String, purpose: String, bodyBytes: Int, _ secrets: AuthSecrets) {
        self.prefix = prefix
        self.bodyBytes = bodyBytes
        keys = secrets.keys(for: purpose)
    }

    /// Signed by the first secret.
    func encode(_ body: [UInt8]) -> String {
        precondition(body.count == bodyBytes, "a body of another size")
        let signed = [keys[0].id] + body
        return prefix + Base64URL.encode(signed + Digest.hmacSHA256(signed, key: keys[0].bytes))
    }

    /// The body. `nil` for what none of the secrets signed, and for any other writing of what one did.
    func decode(_ text: some StringProtocol) -> [UInt8]? {
        let length = prefix.utf8.count + ((1 + bodyBytes + Self.codeBytes) * 8 + 5) / 6
        guard text.utf8.count == length, text.utf8.starts(with: prefix.utf8),
            let bytes = Base64URL.decode(Array(text.utf8.dropFirst(prefix.utf8.count)))
        else { return nil }
        let signed = Array(bytes.dropLast(Self.codeBytes))
        let isGenuine = keys.contains { key in
            key.id == signed[0]
                && Digest.areEqual(Digest.hmacSHA256(signed, key: key.bytes), bytes.suffix(Self.codeBytes))
        }
        return isGenuine ? Array(signed.dropFirst()) : nil
    }
}

extension [UInt8] {
    /// The number, highest byte first.
    init(bigEndian number: some FixedWidthInteger) { self = Swift.withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}

extension Collection<UInt8> {
    /// The unsigned number they are, highest byte first.
    var bigEndianNumber: UInt64 { reduce(0) { $0 << 8 | UInt64($1) } }
}
