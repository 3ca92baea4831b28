import Crypto
import CryptoExtras
import Foundation

/// The RSA key of the simulated identity providers, made at the start; signs id_tokens by RS256 (RFC 7518, section
/// 3.3).
struct SigningKey: Sendable {
    let id: String
    private let key: _RSA.Signing.PrivateKey

    init() throws {
        key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        id = SHA256.hash(data: key.publicKey.derRepresentation).prefix(20).map {
            ($0 < 16 ? "0" : "") + String($0, radix: 16)
        }.joined()
    }

    /// - Returns: a signed token in compact form.
    func sign(_ claims: JSONValue) throws -> String {
        let header = JSONValue.members(["alg": "RS256", "kid": .string(id), "typ": "JWT"])
        let input = Base64URL.text(Data(header.rendered.utf8)) + "." + Base64URL.text(Data(claims.rendered.utf8))
        let signature = try key.signature(for: SHA256.hash(data: Data(input.utf8)), padding: .insecurePKCS1v1_5)
        return input + "." + Base64URL.text(signature.rawRepresentation)
    }

    /// A JWK set (RFC 7517) of the one public key.
    func keySet() throws -> JSONValue {
        let numbers = try key.publicKey.getKeyPrimitives()
        return .members([
            "keys": [
                .members([
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": .string(id),
                    "n": .string(Base64URL.text(numbers.modulus)), "e": .string(Base64URL.text(numbers.publicExponent)),
                ])
            ]
        ])
    }

    /// `at_hash` of an access token (OpenID Connect Core 1.0, section 3.1.3.6).
    static func halfHash(_ value: String) -> String {
        Base64URL.text(Array(SHA256.hash(data: Data(value.utf8))).prefix(16))
    }
}
