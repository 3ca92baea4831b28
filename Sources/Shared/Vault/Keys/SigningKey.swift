/// One key of AUTH_KEYS_FILE: signs Errand's access tokens, or only verifies them when its private half is gone.
package struct SigningKey: Sendable {
    let key: JSONWebKey

    /// Its name in the header of tokens: the RFC 7638 thumbprint, unless the file gives another.
    package var kid: String { key.kid }
    package var algorithm: SignatureAlgorithm { key.algorithm }
    /// False when only its public half is known.
    package var canSign: Bool { key.canSign }

    init(key: JSONWebKey) { self.key = key }

    /// A new key from the system's randomness.
    ///
    /// - Parameter algorithm: `es256`, `eddsa` or `hs256`.
    /// - Throws: `setting` for `rs256`, which is verified for others only.
    package static func generate(_ algorithm: SignatureAlgorithm) async throws(VaultError) -> SigningKey {
        var random = SystemRandomNumberGenerator()
        let secret = [UInt8].random(32, &random)
        do {
            switch algorithm {
            case .es256: return SigningKey(key: try await JSONWebKey(newCurvePoint: secret))
            case .eddsa: return SigningKey(key: try await JSONWebKey(newEdwards: secret))
            case .hs256: return SigningKey(key: try await JSONWebKey(secret: secret, name: nil))
            case .rs256: throw VaultError.setting("RS256 is not used to sign; choose ES256, EdDSA or HS256")
            }
        } catch let error as VaultError {
            throw error
        } catch {
            throw .library(operation: "making a key", code: 0)
        }
    }
}
