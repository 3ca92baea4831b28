import CArgon2
import COpenSSL

/// Argon2id (RFC 9106) by libargon2.
enum Argon2 {
    struct Cost: Hashable, Sendable {
        let memoryKiB: UInt32
        let passes: UInt32
        let lanes: UInt32

        /// OWASP's first choice (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
        static let current = Self(memoryKiB: 19_456, passes: 2, lanes: 1)

        /// The most that is computed for a hash from elsewhere.
        static let most = Self(memoryKiB: 65_536, passes: 10, lanes: 4)

        var isAllowed: Bool {
            lanes >= 1 && passes >= 1 && memoryKiB >= 8 * lanes && memoryKiB <= Self.most.memoryKiB
                && passes <= Self.most.passes && lanes <= Self.most.lanes
        }
    }

    /// Blocks for tens of milliseconds, on the calling thread alone: lanes are filled one after the other.
    ///
    /// - Throws: `library` when there is no memory, or libargon2 does not take the parameters.
    static func hash(
        _ password: [UInt8], salt: [UInt8], cost: Cost, version: UInt32 = ARGON2_VERSION_13.rawValue, count: Int
    ) throws(VaultError) -> [UInt8] {
        var (password, salt) = (password, salt)
        var output = [UInt8](repeating: 0, count: count)
        let code = password.withUnsafeMutableBufferPointer { password in
            salt.withUnsafeMutableBufferPointer { salt in
                output.withUnsafeMutableBufferPointer { output in
                    var context = argon2_context()
                    context.out = output.baseAddress
                    context.outlen = UInt32(output.count)
                    context.pwd = password.baseAddress
                    context.pwdlen = UInt32(password.count)
                    context.salt = salt.baseAddress
                    context.saltlen = UInt32(salt.count)
                    context.t_cost = cost.passes
                    context.m_cost = cost.memoryKiB
                    context.lanes = cost.lanes
                    context.threads = 1
                    context.version = version
                    return argon2_ctx(&context, Argon2_id)
                }
            }
        }
        password.wipe()
        guard code == ARGON2_OK.rawValue else { throw .library(operation: "argon2_ctx", code: Int(code)) }
        return output
    }
}
