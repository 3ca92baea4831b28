/// Why something sealed is not opened.
package enum SealingError: Error, Hashable, Sendable {
    /// It was wrapped by a master key that is not among those known here.
    case unknownMasterKey(String)
    /// It was sealed by another version of the key.
    case unknownKeyVersion
    /// It, or what it belongs to, was changed; or the key is another one of the same name.
    case notAuthentic
    /// It does not have the form of something sealed.
    case malformed
}

extension SealingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownMasterKey(let id): "the master key \(id) is not known"
        case .unknownKeyVersion: "the version of the key is not known"
        case .notAuthentic: "what was sealed, or what it belongs to, was changed"
        case .malformed: "not the form of something sealed"
        }
    }
}
