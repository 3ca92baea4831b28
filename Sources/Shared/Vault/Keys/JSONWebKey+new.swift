import JWTKit

extension JSONWebKey {
    /// - Parameter secret: 32 random bytes. One in 2^32 is no key of P-256, and then this throws.
    init(newCurvePoint secret: [UInt8]) async throws {
        let d = Base64URL.encode(secret)
        guard let point = try ES256PrivateKey(key: d).coordinates else { throw Refusal(reason: "no point") }
        try await self.init([
            "kty": .string("EC"), "crv": .string("P-256"), "x": .string(point.x), "y": .string(point.y),
            "d": .string(d),
        ])
    }

    /// - Parameter secret: 32 random bytes.
    init(newEdwards secret: [UInt8]) async throws {
        let d = Base64URL.encode(secret)
        let key = try EdDSA.PrivateKey(d: d, curve: .ed25519)
        try await self.init([
            "kty": .string("OKP"), "crv": .string("Ed25519"),
            "x": .string(Base64URL.encode(key.publicKey.rawRepresentation)), "d": .string(d),
        ])
    }
}
