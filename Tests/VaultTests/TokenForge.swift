import FoundationEssentials
import JWTKit

@testable import Vault

/// Writes JWTs piece by piece, so that each piece can be wrong: members are raw JSON, parts are raw text.
struct TokenForge: Sendable {
    typealias Members = [(name: String, json: String)]

    let key: JSONWebKey
    private let signer: @Sendable ([UInt8]) throws -> [UInt8]
    var header: Members
    var claims: Members

    static let now = Date(timeIntervalSince1970: 1_800_000_000)
    static let user = "018f3c1e-7c1a-7b2e-9d3c-5a6b7c8d9e0f"
    static let session = "018f3c1e-7c1a-7b2e-9d3c-000000000001"
    static let id = "018f3c1e-7c1a-4b2e-9d3c-000000000002"

    /// Of Errand's own tokens.
    init(_ key: JSONWebKey) {
        self.key = key
        signer = { try key.sign($0) }
        header = [("alg", quoted(key.algorithm.rawValue)), ("kid", quoted(key.kid)), ("typ", quoted("at+jwt"))]
        claims = [
            ("iss", quoted("errand")), ("aud", quoted("errand")), ("sub", quoted(Self.user)),
            ("sid", quoted(Self.session)), ("iat", "1800000000"), ("exp", "1800000900"), ("jti", quoted(Self.id)),
        ]
    }

    /// Of a Supabase project. `signer`: signs in the key's place when that has no private half.
    init(_ key: JSONWebKey, project url: String, signer: (@Sendable ([UInt8]) throws -> [UInt8])? = nil) {
        self.key = key
        self.signer = signer ?? { try key.sign($0) }
        header = [("alg", quoted(key.algorithm.rawValue)), ("kid", quoted(key.kid)), ("typ", quoted("JWT"))]
        claims = [
            ("iss", quoted(url + "/auth/v1")), ("aud", quoted("authenticated")), ("sub", quoted(Self.user)),
            ("role", quoted("authenticated")), ("session_id", quoted(Self.session)), ("iat", "1800000000"),
            ("exp", "1800003600"), ("email", quoted("ada@example.com")), ("aal", quoted("aal1")),
            ("app_metadata", #"{"provider":"email","providers":["email"]}"#),
            ("user_metadata", #"{"email_verified":true}"#), ("is_anonymous", "false"),
        ]
    }

    func with(header name: String, _ json: String?) -> Self { edited { Self.set(&$0.header, name, json) } }
    func with(claim name: String, _ json: String?) -> Self { edited { Self.set(&$0.claims, name, json) } }
    /// Behind those that are there, also when one has the name.
    func adding(header name: String, _ json: String) -> Self { edited { $0.header.append((name, json)) } }
    func adding(claim name: String, _ json: String) -> Self { edited { $0.claims.append((name, json)) } }

    var headerText: String { Self.object(header) }
    var claimsText: String { Self.object(claims) }

    /// Signed by the key.
    var token: String { sign(headerText, claimsText) }

    func sign(_ header: String, _ claims: String) -> String { sign(Array(header.utf8), Array(claims.utf8)) }

    func sign(_ header: [UInt8], _ claims: [UInt8]) -> String {
        sign(parts: Base64URL.encode(header), Base64URL.encode(claims))
    }

    func sign(parts header: String, _ claims: String) -> String {
        let signed = header + "." + claims
        return signed + "." + Base64URL.encode((try? signer(Array(signed.utf8))) ?? [])
    }

    /// By any bytes as HMAC key, the way an attacker would who holds a public key.
    func signedByHMAC(_ secret: [UInt8]) -> String {
        let forged = with(header: "alg", quoted("HS256"))
        let signed =
            Base64URL.encode(Array(forged.headerText.utf8)) + "."
            + Base64URL.encode(Array(forged.claimsText.utf8))
        return signed + "." + Base64URL.encode(Digest.hmacSHA256(Array(signed.utf8), key: secret))
    }

    /// With another signature.
    func resigned(_ change: ([UInt8]) -> [UInt8]) -> String {
        let parts = token.split(separator: ".")
        let signature = Base64URL.decode(parts[2].utf8) ?? []
        return parts[0] + "." + parts[1] + "." + Base64URL.encode(change(signature))
    }

    private func edited(_ edit: (inout Self) -> Void) -> Self {
        var copy = self
        edit(&copy)
        return copy
    }

    private static func set(_ members: inout Members, _ name: String, _ json: String?) {
        let place = members.firstIndex { $0.name == name }
        switch (place, json) {
        case (let place?, let json?): members[place].json = json
        case (let place?, nil): members.remove(at: place)
        case (nil, let json?): members.append((name, json))
        case (nil, nil): break
        }
    }

    static func object(_ members: Members) -> String {
        "{" + members.map { quoted($0.name) + ":" + $0.json }.joined(separator: ",") + "}"
    }
}

func quoted(_ text: String) -> String { JSONText.quoted(text) }

extension JSONWebKey {
    /// From a JWK as text.
    init(text: String) async throws {
        guard let members = StrictJSON(Array(text.utf8))?.object else { throw Refusal(reason: "no JSON") }
        try await self.init(members)
    }
}

extension JSONWebKey {
    /// What everybody knows of the key, in every form somebody might feed to HMAC.
    func publicForms() throws -> [(String, [UInt8])] {
        let members = StrictJSON(Array((publicText ?? "").utf8))?.object ?? [:]
        let (x, y) = (members["x"]?.string ?? "", members["y"]?.string ?? "")
        let pem =
            switch algorithm {
            case .es256: try ES256PublicKey(parameters: (x: x, y: y)).pemRepresentation
            case .eddsa: try EdDSA.PublicKey(x: x, curve: .ed25519).pemRepresentation
            case .rs256:
                try Insecure.RSA.PublicKey(modulus: members["n"]?.string ?? "", exponent: members["e"]?.string ?? "")
                    .pemRepresentation
            case .hs256: ""
            }
        let raw = (Base64URL.decode(x.utf8) ?? []) + (Base64URL.decode(y.utf8) ?? [])
        let body = pem.split(separator: "\n").dropFirst().dropLast().joined()
        return [
            ("PEM", Array(pem.utf8)), ("PEM with a line break", Array((pem + "\n").utf8)),
            ("PEM with CRLF", Array(pem.replacing("\n", with: "\r\n").utf8)), ("PEM's body", Array(body.utf8)),
            ("DER", Array(Data(base64Encoded: body) ?? Data())), ("JWK", Array((publicText ?? "").utf8)),
            ("the bytes of the point", raw), ("the point with its form", [4] + raw), ("x", Array(x.utf8)),
            ("the modulus", Array((members["n"]?.string ?? "").utf8)), ("the kid", Array(kid.utf8)), ("nothing", []),
        ]
    }
}
