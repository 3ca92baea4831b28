/// A signed token in compact form (RFC 7515 section 7.1), taken apart and not believed yet.
///
/// Refused at once: more than 8 KiB, other than three parts, base64url that is not exactly what an encoder writes, a
/// header or payload that is not one JSON object without repeated names, and header members that change what a
/// signature means or bring a key of their own (`crit`, `b64`, `jwk`, `jku`, `x5c`, `x5u`, `zip`, `enc`).
struct CompactToken {
    static let maxBytes = 8192
    private static let refusedMembers = ["crit", "b64", "jwk", "jku", "x5c", "x5u", "zip", "enc"]

    let algorithm: String
    let keyID: String?
    let type: String?
    let claims: Claims
    /// What is signed: the first two parts and the dot between them.
    let signed: [UInt8]
    let signature: [UInt8]

    init(_ text: some StringProtocol) throws(TokenRefusal) {
        guard text.utf8.count <= Self.maxBytes else { throw .malformed("longer than \(Self.maxBytes) bytes") }
        let bytes = Array(text.utf8)
        let parts = bytes.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("not three parts") }
        let header = try Self.object(parts[0], "header")
        for name in Self.refusedMembers where header[name] != nil { throw .malformed("\(name) in the header") }
        guard let algorithm = header["alg"]?.string else { throw .malformed("no alg") }
        self.algorithm = algorithm
        keyID = try Self.optionalText(header, "kid")
        type = try Self.optionalText(header, "typ")
        claims = Claims(members: try Self.object(parts[1], "payload"))
        guard let signature = Base64URL.decode(parts[2]), !signature.isEmpty else {
            throw .malformed("the signature is no base64url")
        }
        self.signature = signature
        signed = Array(bytes[..<parts[1].endIndex])
    }

    private static func object(_ part: ArraySlice<UInt8>, _ name: String) throws(TokenRefusal) -> [String: StrictJSON] {
        guard let bytes = Base64URL.decode(part) else { throw .malformed("the \(name) is no base64url") }
        guard let object = StrictJSON(bytes)?.object else { throw .malformed("the \(name) is no plain JSON object") }
        return object
    }

    private static func optionalText(
        _ header: [String: StrictJSON], _ name: String
    ) throws(TokenRefusal) -> String? {
        guard let value = header[name] else { return nil }
        guard let text = value.string, text.utf8.count <= 200 else { throw .malformed("\(name) is no short text") }
        return text
    }
}
