import FoundationEssentials
import JWTKit

/// A key of a JWK set (RFC 7517) that signs, or verifies signatures of, exactly one algorithm.
///
/// Of each kind of key one is taken: P-256 (ES256), Ed25519 (EdDSA), octets (HS256) and RSA (RS256). What the key says
/// of itself in `alg` and `use` must agree.
struct JSONWebKey: Sendable {
    /// Why a key is not taken.
    struct Refusal: Error { let reason: String }

    let algorithm: SignatureAlgorithm
    /// What it is called in its set, where it has a name.
    let name: String?
    /// The required public members (for octets: the secret) in the order RFC 7638 hashes them.
    private let publicMembers: [JSONText.Member]
    /// The private half. `nil` for octets, which are one.
    private let privateMember: JSONText.Member?
    private let engine: any JWTAlgorithm

    var canSign: Bool { algorithm == .hs256 || privateMember != nil }

    /// The name it gets by itself: SHA-256 of its public members (RFC 7638).
    var thumbprint: String { Base64URL.encode(Digest.sha256(JSONText.object(publicMembers).utf8)) }

    var kid: String { name ?? thumbprint }

    /// With everything in it: a secret.
    var privateText: String {
        text(publicMembers + (privateMember.map { [$0] } ?? []))
    }

    /// `nil` for octets, which have nothing to publish.
    var publicText: String? {
        algorithm == .hs256 ? nil : text(publicMembers + [.text("use", "sig")])
    }

    func sign(_ bytes: [UInt8]) throws(VaultError) -> [UInt8] {
        do {
            return try engine.sign(bytes)
        } catch {
            throw .library(operation: "signing by \(algorithm.rawValue)", code: 0)
        }
    }

    func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        // It throws for signatures of an impossible form.
        (try? engine.verify(signature, signs: bytes)) ?? false
    }

    private func text(_ members: [JSONText.Member]) -> String {
        JSONText.object(members + [.text("alg", algorithm.rawValue), .text("kid", kid)])
    }
}

extension JSONWebKey {
    /// Reads one element of a set's `keys`.
    ///
    /// - Throws: `Refusal` for a kind of key that is not taken, and for one whose parts do not fit together.
    init(_ members: [String: StrictJSON]) async throws {
        if let use = members["use"], use != .string("sig") { throw Refusal(reason: "not for signatures") }
        let name = members["kid"]?.string
        guard members["kid"] == nil || name.map({ Self.isName($0) }) == true else {
            throw Refusal(reason: "a kid that is no short text")
        }
        switch (members["kty"]?.string, members["crv"]?.string) {
        case ("EC", "P-256"): try await self.init(curvePoint: members, name: name)
        case ("OKP", "Ed25519"): try await self.init(edwards: members, name: name)
        case ("oct", _): try await self.init(octets: members, name: name)
        case ("RSA", _): try await self.init(rsa: members, name: name)
        default: throw Refusal(reason: "a kind of key that is not taken")
        }
        if let said = members["alg"], said != .string(algorithm.rawValue) {
            throw Refusal(reason: "an alg that this kind of key is not taken for")
        }
    }

    private init(curvePoint members: [String: StrictJSON], name: String?) async throws {
        let (x, y) = (try Self.field(members, "x", bytes: 32...32), try Self.field(members, "y", bytes: 32...32))
        let keys = JWTKeyCollection()
        if members["d"] != nil {
            let key = try ES256PrivateKey(key: try Self.field(members, "d", bytes: 32...32))
            guard let point = key.coordinates, point == (x, y) else {
                throw Refusal(reason: "halves that do not belong together")
            }
            await keys.add(ecdsa: key)
        } else {
            await keys.add(ecdsa: try ES256PublicKey(parameters: (x: x, y: y)))
        }
        self.init(
            algorithm: .es256, name: name,
            publicMembers: [.text("crv", "P-256"), .text("kty", "EC"), .text("x", x), .text("y", y)],
            privateMember: members["d"]?.string.map { .text("d", $0) }, engine: try await keys.getKey())
    }

    private init(edwards members: [String: StrictJSON], name: String?) async throws {
        let x = try Self.field(members, "x", bytes: 32...32)
        let keys = JWTKeyCollection()
        if members["d"] != nil {
            let key = try EdDSA.PrivateKey(d: try Self.field(members, "d", bytes: 32...32), curve: .ed25519)
            guard Base64URL.encode(key.publicKey.rawRepresentation) == x else {
                throw Refusal(reason: "halves that do not belong together")
            }
            await keys.add(eddsa: key)
        } else {
            await keys.add(eddsa: try EdDSA.PublicKey(x: x, curve: .ed25519))
        }
        self.init(
            algorithm: .eddsa, name: name,
            publicMembers: [.text("crv", "Ed25519"), .text("kty", "OKP"), .text("x", x)],
            privateMember: members["d"]?.string.map { .text("d", $0) }, engine: try await keys.getKey())
    }

    private init(octets members: [String: StrictJSON], name: String?) async throws {
        let text = try Self.field(members, "k", bytes: 32...512)
        try await self.init(secret: Base64URL.decode(text.utf8) ?? [], name: name)
    }

    /// - Parameter secret: at least 32 bytes (RFC 7518 section 3.2).
    init(secret: [UInt8], name: String?) async throws {
        guard secret.count >= 32 else { throw Refusal(reason: "fewer than 32 bytes") }
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        self.init(
            algorithm: .hs256, name: name,
            publicMembers: [.text("k", Base64URL.encode(secret)), .text("kty", "oct")],
            privateMember: nil, engine: try await keys.getKey())
    }

    /// From 2048 bits, as RFC 7518 section 3.3 demands, to 8192, beyond which verifying takes long.
    private init(rsa members: [String: StrictJSON], name: String?) async throws {
        let n = try Self.field(members, "n", bytes: 256...1024)
        let e = try Self.field(members, "e", bytes: 1...4)
        let keys = JWTKeyCollection()
        await keys.add(rsa: try Insecure.RSA.PublicKey(modulus: n, exponent: e), digestAlgorithm: .sha256)
        self.init(
            algorithm: .rs256, name: name,
            publicMembers: [.text("e", e), .text("kty", "RSA"), .text("n", n)],
            privateMember: nil, engine: try await keys.getKey())
    }

    /// The member's text, which must be base64url of so many bytes.
    private static func field(
        _ members: [String: StrictJSON], _ name: String, bytes: ClosedRange<Int>
    ) throws -> String {
        guard let text = members[name]?.string, let value = Base64URL.decode(text.utf8), bytes.contains(value.count)
        else { throw Refusal(reason: "a bad or missing \(name)") }
        return text
    }

    private static func isName(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension ES256PrivateKey {
    /// Of its public half, in base64url.
    var coordinates: (x: String, y: String)? {
        guard let parameters, let x = Data(base64Encoded: parameters.x), let y = Data(base64Encoded: parameters.y)
        else { return nil }
        return (Base64URL.encode(x), Base64URL.encode(y))
    }
}
