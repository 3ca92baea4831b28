import CCrypt
import COpenSSL
import Glibc

/// bcrypt hashes from elsewhere, by libcrypt. They are checked, never made.
enum Bcrypt {
    /// bcrypt looks at no more than this of a password.
    private static let usedBytes = 72
    /// A second's work; each step doubles it.
    private static let costs = 4...14

    /// Whether a stored hash claims to be one.
    static func isBcrypt(_ hash: String) -> Bool { ["$2a$", "$2b$", "$2y$"].contains { hash.hasPrefix($0) } }

    /// Blocks for as long as the hash's cost says.
    ///
    /// - Parameter hash: one that `check` takes.
    /// - Throws: `library` when libcrypt does not take it.
    static func isRight(_ password: [UInt8], hash: String) throws(VaultError) -> Bool {
        // C ends a password at its first NUL, so that what is behind it would not count.
        if password.contains(0) { return false }
        var phrase = password.prefix(usedBytes).map { CChar(bitPattern: $0) } + [0]
        let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        memset(data, 0, MemoryLayout<crypt_data>.size)
        defer {
            OPENSSL_cleanse(data, MemoryLayout<crypt_data>.size)
            data.deallocate()
            phrase.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        }
        guard let result = crypt_r(phrase, hash, data) else {
            throw .library(operation: "crypt_r", code: Int(errno))
        }
        return Digest.areEqual(Array(String(cString: result).utf8), Array(hash.utf8))
    }

    /// - Throws: `unsupportedHash` when it is no bcrypt hash or costs too much.
    static func check(_ hash: String) throws(VaultError) {
        let fields = hash.split(separator: "$", omittingEmptySubsequences: false)
        let alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8
        guard isBcrypt(hash), hash.utf8.count == 60, fields.count == 4, fields[2].utf8.count == 2,
            fields[3].utf8.allSatisfy({ alphabet.contains($0) }), let cost = Int(fields[2])
        else { throw .unsupportedHash("no bcrypt hash") }
        guard costs.contains(cost) else {
            throw .unsupportedHash("bcrypt of cost \(cost), where \(costs) are computed")
        }
    }
}
