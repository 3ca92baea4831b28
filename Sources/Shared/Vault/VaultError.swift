/// What can go wrong here besides a bad token, which is a `TokenRefusal`. No description holds a secret.
package enum VaultError: Error, Hashable, Sendable {
    /// A setting cannot be used; says why.
    case setting(String)
    /// A file does not hold what it should; says why.
    case content(path: String, reason: String)
    /// The system refused a call on a file.
    case file(path: String, operation: String, errno: Int32)
    /// The library refused an operation.
    case library(operation: String, code: Int)
    /// So many wait already that this one is not queued. Nothing was done.
    case overloaded
    /// The stored hash is of a kind or cost that is not computed here; says which.
    case unsupportedHash(String)
    /// A password has 1 to 1024 bytes.
    case passwordLength
}

extension VaultError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .setting(let reason): reason
        case .content(let path, let reason): "\(path): \(reason)"
        case .file(let path, let operation, let errno): "\(path): \(operation) failed with errno \(errno)"
        case .library(let operation, let code): "\(operation) failed with code \(code)"
        case .overloaded: "too many are waiting"
        case .unsupportedHash(let reason): "the stored hash cannot be checked: \(reason)"
        case .passwordLength: "a password has 1 to 1024 bytes"
        }
    }
}
