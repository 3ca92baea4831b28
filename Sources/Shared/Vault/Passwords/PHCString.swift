import CArgon2
import FoundationEssentials

/// `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`, as libargon2 writes it
/// (https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
struct PHCString {
    let cost: Argon2.Cost
    let version: UInt32
    let salt: [UInt8]
    let hash: [UInt8]

    static let prefix = "$argon2id$"

    init(cost: Argon2.Cost, salt: [UInt8], hash: [UInt8]) {
        self.cost = cost
        version = ARGON2_VERSION_13.rawValue
        self.salt = salt
        self.hash = hash
    }

    /// - Throws: `unsupportedHash` for another form, and for one that would cost more than `Argon2.Cost.most`.
    init(_ text: String) throws(VaultError) {
        var fields = text.split(separator: "$", omittingEmptySubsequences: false)[...]
        guard text.utf8.count <= 500, fields.popFirst() == "", fields.popFirst() == "argon2id" else {
            throw .unsupportedHash("no Argon2id hash")
        }
        version = try Self.version(&fields)
        guard fields.count == 3, let cost = Self.cost(fields.removeFirst()),
            let salt = Self.base64(fields.removeFirst()), let hash = Self.base64(fields.removeFirst())
        else { throw .unsupportedHash("not a PHC string") }
        guard cost.isAllowed, (8...64).contains(salt.count), (16...64).contains(hash.count) else {
            throw .unsupportedHash("Argon2id parameters beyond the bounds")
        }
        self.cost = cost
        self.salt = salt
        self.hash = hash
    }

    var text: String {
        let parameters = "v=\(version)$m=\(cost.memoryKiB),t=\(cost.passes),p=\(cost.lanes)"
        return Self.prefix + parameters + "$" + Self.base64(salt) + "$" + Self.base64(hash)
    }

    /// Whether today's hash of the same password would be made in another way.
    var isOutdated: Bool {
        cost != .current || version != ARGON2_VERSION_13.rawValue || salt.count < PasswordHasher.saltBytes
            || hash.count != PasswordHasher.hashBytes
    }

    /// Hashes of before version 1.3 (0x13) do not name theirs.
    private static func version(_ fields: inout ArraySlice<Substring>) throws(VaultError) -> UInt32 {
        guard fields.first?.hasPrefix("v=") == true else { return ARGON2_VERSION_10.rawValue }
        switch fields.removeFirst() {
        case "v=19": return ARGON2_VERSION_13.rawValue
        case "v=16": return ARGON2_VERSION_10.rawValue
        default: throw .unsupportedHash("an unknown version of Argon2")
        }
    }

    private static func cost(_ field: Substring) -> Argon2.Cost? {
        let parts = field.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 3, let memory = number(parts[0], "m="), let passes = number(parts[1], "t="),
            let lanes = number(parts[2], "p=")
        else { return nil }
        return Argon2.Cost(memoryKiB: memory, passes: passes, lanes: lanes)
    }

    private static func number(_ text: Substring, _ name: String) -> UInt32? {
        guard text.hasPrefix(name), !text.hasPrefix(name + "+") else { return nil }
        return UInt32(text.dropFirst(name.count))
    }

    /// base64 of RFC 4648 section 4 without padding.
    private static func base64(_ bytes: [UInt8]) -> String {
        String(Base64URL.encode(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    }

    private static func base64(_ text: Substring) -> [UInt8]? {
        guard !text.utf8.contains(UInt8(ascii: "-")), !text.utf8.contains(UInt8(ascii: "_")) else { return nil }
        let urlSafe = text.utf8.map { byte in
            byte == UInt8(ascii: "+") ? UInt8(ascii: "-") : byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
        }
        return Base64URL.decode(urlSafe)
    }
}
