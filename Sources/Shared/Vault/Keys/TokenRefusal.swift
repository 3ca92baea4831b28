/// Why a token is not believed. The text is for logs; a client learns no more than that its token is bad or expired.
package enum TokenRefusal: Error, Hashable, Sendable {
    /// Not a token of the form that is accepted; says what is wrong.
    case malformed(String)
    /// Signed by a key that is not known here, or is known for another algorithm.
    case unknownKey
    case badSignature
    case expired
    /// Made in the future, by more than clocks may differ.
    case notYetValid
    /// Signed well, but not for here; names the claim.
    case claim(String)
    /// The issuer's keys cannot be had at the moment, so nobody can tell: 503, not 401.
    case keysUnavailable
}

extension TokenRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let reason): "malformed token: \(reason)"
        case .unknownKey: "signed by an unknown key"
        case .badSignature: "the signature is wrong"
        case .expired: "expired"
        case .notYetValid: "not valid yet"
        case .claim(let name): "the claim \(name) is missing or not as it must be"
        case .keysUnavailable: "the issuer's keys cannot be had"
        }
    }
}
