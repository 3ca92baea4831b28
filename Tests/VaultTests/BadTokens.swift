import FoundationEssentials
import JWTKit

@testable import Vault

/// A token that must be refused, and for what.
struct BadToken: Sendable {
    enum Reason: Sendable, Equatable {
        case malformed, unknownKey, badSignature, expired, notYetValid
        case claim(String)

        init(_ refusal: TokenRefusal) {
            switch refusal {
            case .malformed: self = .malformed
            case .unknownKey, .keysUnavailable: self = .unknownKey
            case .badSignature: self = .badSignature
            case .expired: self = .expired
            case .notYetValid: self = .notYetValid
            case .claim(let name): self = .claim(name)
            }
        }
    }

    let name: String
    let text: String
    let reason: Reason

    init(_ name: String, _ text: String, _ reason: Reason = .malformed) {
        self.name = name
        self.text = text
        self.reason = reason
    }
}

/// What Wycheproof and the advisories against JWT libraries try, made for one key of ours. All but what a case is
/// about is right, the signature too.
enum BadTokens {
    static func all(_ forge: TokenForge, other: TokenForge, publicForms: [(String, [UInt8])]) -> [BadToken] {
        ofAnyIssuer(forge, other: other, publicForms: publicForms) + types(forge) + claims(forge) + times(forge)
    }

    /// Those that do not depend on what the claims must be.
    static func ofAnyIssuer(
        _ forge: TokenForge, other: TokenForge, publicForms: [(String, [UInt8])]
    ) -> [BadToken] {
        algorithms(forge) + confusion(forge, publicForms) + names(forge, other) + headers(forge, other) + json(forge)
            + writing(forge) + signatures(forge, other)
    }

    private static func algorithms(_ forge: TokenForge) -> [BadToken] {
        let own = forge.key.algorithm.rawValue
        let nones = ["none", "None", "NONE", "nOnE", "nonE", ""].flatMap { name in
            let unsigned = forge.with(header: "alg", quoted(name))
            let parts = unsigned.token.split(separator: ".").prefix(2).joined(separator: ".")
            return [
                BadToken("alg '\(name)' without signature", parts + "."),
                BadToken("alg '\(name)' with a signature", unsigned.token, .unknownKey),
                BadToken("alg '\(name)' with one byte", parts + ".AA", .unknownKey),
            ]
        }
        let others = [
            "HS384", "HS512", "RS256", "RS384", "PS256", "ES384", "ES512", "ES256K", "EdDSA\0", "dir", "A128KW",
        ]
        .filter { $0 != own }
        .map { BadToken("alg \($0)", forge.with(header: "alg", quoted($0)).token, .unknownKey) }
        let spellings = [own.lowercased() + "x", own + " ", " " + own, own + "\u{0}", String(own.reversed())]
            .map { BadToken("alg '\($0)'", forge.with(header: "alg", quoted($0)).token, .unknownKey) }
        let types = ["null", "1", "[\"\(own)\"]", "{}", "true"]
            .map { BadToken("alg " + $0, forge.with(header: "alg", $0).token) }
        return nones + others + spellings + types + [BadToken("no alg", forge.with(header: "alg", nil).token)]
    }

    /// HS256 with what everybody knows as its secret.
    private static func confusion(_ forge: TokenForge, _ publicForms: [(String, [UInt8])]) -> [BadToken] {
        publicForms.map { BadToken("HS256 by \($0.0)", forge.signedByHMAC($0.1), .unknownKey) }
    }

    private static func names(_ forge: TokenForge, _ other: TokenForge) -> [BadToken] {
        let kid = forge.key.kid
        let unknown = [
            "", kid + " ", kid + "\u{0}", kid.uppercased() + "A", "../../../dev/null", "' OR '1'='1", "0", "*",
            String(repeating: "k", count: 200),
        ].map { BadToken("kid '\($0.prefix(20))'", forge.with(header: "kid", quoted($0)).token, .unknownKey) }
        let types = ["null", "0", "[\(quoted(kid))]", "{}", quoted(String(repeating: "k", count: 201))]
            .map { BadToken("kid \($0.prefix(20))", forge.with(header: "kid", $0).token) }
        return unknown + types + [
            BadToken("no kid", forge.with(header: "kid", nil).token, .unknownKey),
            BadToken(
                "the kid of another key", forge.with(header: "kid", quoted(other.key.kid)).token,
                forge.key.algorithm == other.key.algorithm ? .badSignature : .unknownKey),
        ]
    }

    private static func headers(_ forge: TokenForge, _ other: TokenForge) -> [BadToken] {
        let extras = [
            ("crit", "[]"), ("crit", "[\"exp\"]"), ("crit", "[\"b64\"]"), ("crit", "null"), ("b64", "false"),
            ("jku", "\"https://evil.example/jwks.json\""), ("x5u", "\"https://evil.example/x\""), ("x5c", "[\"MIIB\"]"),
            ("jwk", forge.key.publicText ?? "{}"), ("zip", "\"DEF\""), ("enc", "\"A128GCM\""),
        ].map { BadToken("\($0.0) in the header", forge.adding(header: $0.0, $0.1).token) }
        let own = other.with(header: "kid", quoted(forge.key.kid)).with(
            header: "alg", quoted(other.key.algorithm.rawValue))
        return extras + [
            BadToken("signed by the key it brings", own.adding(header: "jwk", other.key.publicText ?? "{}").token),
            BadToken("typ a number", forge.with(header: "typ", "1").token),
            BadToken("alg twice", forge.adding(header: "alg", quoted("none")).token),
            BadToken("alg twice, the same", forge.adding(header: "alg", quoted(forge.key.algorithm.rawValue)).token),
            BadToken("kid twice", forge.adding(header: "kid", quoted(forge.key.kid)).token),
            BadToken(
                "alg twice, once escaped",
                forge.sign(String(forge.headerText.dropLast()) + #","al\u0067":"none"}"#, forge.claimsText)),
        ]
    }

    private static func types(_ forge: TokenForge) -> [BadToken] {
        let texts = ["JWT", "AT+JWT", "at+jwt ", "application/at+jwt", ""]
            .map { BadToken("typ '\($0)'", forge.with(header: "typ", quoted($0)).token) }
        return texts + [BadToken("no typ", forge.with(header: "typ", nil).token)]
    }

    private static func claims(_ forge: TokenForge) -> [BadToken] {
        let missing = ["iss", "aud", "sub", "sid", "jti", "iat", "exp"].flatMap { name in
            [("no", nil as String?), ("null", "null"), ("true", "true"), ("{}", "{}"), ("[]", "[]"), ("empty", "\"\"")]
                .map { BadToken("\($0.0) \(name)", forge.with(claim: name, $0.1).token, .claim(name)) }
        }
        let twice = ["iss", "aud", "sub", "sid", "exp"].map { name in
            BadToken(
                "\(name) twice", forge.adding(claim: name, forge.claims.first { $0.name == name }?.json ?? "").token)
        }
        let wrong = [
            ("iss", "\"Errand\""), ("iss", "\"errand/\""), ("iss", "\"errand \""), ("iss", "[\"errand\"]"),
            ("iss", "\"errand\\u0000\""), ("aud", "\"other\""), ("aud", "[\"errand\",\"other\"]"),
            ("aud", "\"ERRAND\""),
            ("sub", "\"admin\""), ("sub", "1"), ("sub", quoted("{" + TokenForge.user + "}")),
            ("sub", quoted(TokenForge.user.uppercased())), ("sub", quoted(TokenForge.user + "\u{0}")),
            ("sub", quoted(String(TokenForge.user.dropLast()))), ("sub", quoted(" " + TokenForge.user)),
            ("sub", quoted(TokenForge.user.filter { $0 != "-" })), ("sid", "\"1\""), ("jti", "\"x\""),
        ].map { BadToken("\($0.0) \($0.1.prefix(24))", forge.with(claim: $0.0, $0.1).token, .claim($0.0)) }
        return missing + twice + wrong
    }

    private static func times(_ forge: TokenForge) -> [BadToken] {
        let types = [
            "\"1800000900\"", "1800000900.5", "1800000900.0", "1.8000009e9", "9223372036854775807",
            "9223372036854775808",
            "1e400", "253402300800", "-1", "-9223372036854775808", "-1800000900", "[1800000900]",
            String(repeating: "9", count: 400),
        ]
        .map { BadToken("exp \($0.prefix(24))", forge.with(claim: "exp", $0).token, .claim("exp")) }
        return types + [
            BadToken("exp now", forge.with(claim: "exp", "1800000000").token, .expired),
            BadToken(
                "exp a second ago", forge.with(claim: "iat", "1").with(claim: "exp", "1799999999").token, .expired),
            BadToken("exp 0", forge.with(claim: "iat", "0").with(claim: "exp", "0").token, .expired),
            BadToken("iat in two minutes", forge.with(claim: "iat", "1800000120").token, .notYetValid),
            BadToken("nbf in two minutes", forge.with(claim: "nbf", "1800000120").token, .notYetValid),
            BadToken("nbf a text", forge.with(claim: "nbf", "\"1\"").token, .claim("nbf")),
            BadToken("nbf null", forge.with(claim: "nbf", "null").token, .claim("nbf")),
            BadToken("iat a fraction", forge.with(claim: "iat", "1800000000.5").token, .claim("iat")),
            BadToken("iat negative", forge.with(claim: "iat", "-1").token, .claim("iat")),
            BadToken(
                "exp before iat", forge.with(claim: "iat", "1800000050").with(claim: "exp", "1800000020").token,
                .claim("iat")),
        ]
    }

    private static func json(_ forge: TokenForge) -> [BadToken] {
        let (header, claims) = (forge.headerText, forge.claimsText)
        let open = String(claims.dropLast())
        let texts = [
            "an array": "[\(claims)]", "a text": "\"x\"", "a number": "1", "null": "null", "nothing": "",
            "a second value behind": claims + "{}", "a comma behind": claims + ",", "NUL behind": claims + "\0",
            "NUL in front": "\0" + claims, "a byte order mark": "\u{FEFF}" + claims, "a comment": "/**/" + claims,
            "a last comma": open + ",}", "no end": open, "NaN": open + ",\"x\":NaN}", "a bare name": open + ",x:1}",
            "single quotes": claims.replacing("\"", with: "'"), "half a surrogate pair": open + #","x":"\ud800"}"#,
            "two first halves": open + #","x":"\ud800\ud800"}"#, "an unknown escape": open + #","x":"\x41"}"#,
            "a line break in a text": open + ",\"x\":\"\n\"}", "a leading zero": open + ",\"x\":01}",
            "a plus": open + ",\"x\":+1}", "a bare minus": open + ",\"x\":-}", "a dot at the end": open + ",\"x\":1.}",
            "nested too deep": open + ",\"x\":" + nested(20) + "}",
            "nested 2,000 deep": open + ",\"x\":" + nested(2000) + "}",
            "objects nested": open + ",\"x\":" + String(repeating: "{\"a\":", count: 500) + "1}",
            "a name twice, far inside": open + #","x":{"a":1,"a":2}}"#,
        ].map { BadToken("payload: " + $0.key, forge.sign(header, $0.value)) }
        let headers = ["an array": "[\(header)]", "a text": "\"\"", "nothing": "", "more behind": header + "x"]
            .map { BadToken("header: " + $0.key, forge.sign($0.value, claims)) }
        let bytes: [(String, [UInt8])] = [
            ("a lone continuation byte", [0x80]), ("an overlong slash", [0xC0, 0xAF]),
            ("a surrogate", [0xED, 0xA0, 0x80]),
            ("beyond Unicode", [0xF4, 0x90, 0x80, 0x80]), ("a cut character", [0xE2, 0x82]), ("FF", [0xFF]),
        ]
        let junk = bytes.map { name, bytes in
            BadToken(
                "UTF-8: " + name,
                forge.sign(Array(header.utf8), Array((open + ",\"x\":\"").utf8) + bytes + Array("\"}".utf8)))
        }
        return texts + headers + junk
    }

    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    private static func writing(_ forge: TokenForge) -> [BadToken] {
        let token = forge.token
        let parts = token.split(separator: ".").map { String($0) }
        func loose(_ part: String) -> String {
            // The same bytes to a lenient reader: the bits that are left over are not zero.
            let last = part.last.map { Base64URLAlphabet.next($0) } ?? "A"
            return part.dropLast() + String(last)
        }
        let padded = parts.indices.map { index in
            BadToken(
                "padding in part \(index)",
                parts.enumerated().map { $0.offset == index ? $0.element + "=" : $0.element }.joined(separator: "."))
        }
        // Claims whose base64url has bits left over, so that there is something to be loose about.
        let odd =
            (0...2).map { forge.adding(claim: "x", quoted(String(repeating: "x", count: $0))) }
            .first { $0.claimsText.utf8.count % 3 != 0 } ?? forge
        let oddPart = Base64URL.encode(Array(odd.claimsText.utf8))
        return padded + [
            BadToken("nothing", ""), BadToken("a dot", "."), BadToken("two dots", ".."), BadToken("three dots", "..."),
            BadToken("one part", parts[0]), BadToken("two parts", parts[0] + "." + parts[1]),
            BadToken("two parts and a dot", parts[0] + "." + parts[1] + "."),
            BadToken("four parts", token + "." + parts[2]), BadToken("five parts", token + ".AA.AA"),
            BadToken("a dot behind", token + "."), BadToken("a dot in front", "." + token),
            BadToken("a double dot", parts[0] + ".." + parts[1] + "." + parts[2]),
            BadToken("a space in front", " " + token), BadToken("a space behind", token + " "),
            BadToken("a line break behind", token + "\n"),
            BadToken("a line break inside", parts[0] + "\n." + parts[1] + "." + parts[2]),
            BadToken("NUL behind", token + "\0"), BadToken("Bearer in front", "Bearer " + token),
            BadToken("quoted", "\"" + token + "\""), BadToken("a comma and another", token + "," + token),
            BadToken("bits left over in the payload", forge.sign(parts: parts[0], loose(oddPart))),
            BadToken("bits left over in the signature", parts[0] + "." + parts[1] + "." + loose(parts[2])),
            BadToken("percent encoded", token.replacing(".", with: "%2E")),
            BadToken("full-width dots", token.replacing(".", with: "．")),
            BadToken(
                "the JSON form",
                "{\"payload\":\"\(parts[1])\",\"protected\":\"\(parts[0])\",\"signature\":\"\(parts[2])\"}"),
            BadToken(
                "standard base64",
                forge.sign(
                    parts: standard(forge.adding(claim: "x", "\"ÿÿþ??>\""), 0),
                    standard(forge.adding(claim: "x", "\"ÿÿþ??>\""), 1))),
            BadToken("too long", forge.adding(claim: "x", quoted(String(repeating: "x", count: 8192))).token),
        ]
    }

    private static func standard(_ forge: TokenForge, _ index: Int) -> String {
        let part = Base64URL.encode(Array((index == 0 ? forge.headerText : forge.claimsText).utf8))
        return part.replacing("-", with: "+").replacing("_", with: "/")
    }

    private static func signatures(_ forge: TokenForge, _ other: TokenForge) -> [BadToken] {
        let changes: [(String, ([UInt8]) -> [UInt8])] = [
            ("a byte short", { $0.dropLast() }), ("a byte short in front", { Array($0.dropFirst()) }),
            ("half", { Array($0.prefix($0.count / 2)) }), ("one byte", { Array($0.prefix(1)) }),
            ("a zero behind", { $0 + [0] }), ("a zero in front", { [0] + $0 }), ("twice", { $0 + $0 }),
            ("all zeros", { $0.map { _ in 0 } }), ("all ones", { $0.map { _ in 0xFF } }),
            ("first half zero", { [UInt8](repeating: 0, count: $0.count / 2) + $0.suffix($0.count / 2) }),
            ("second half zero", { $0.prefix($0.count / 2) + [UInt8](repeating: 0, count: $0.count / 2) }),
            ("halves swapped", { $0.suffix($0.count / 2) + $0.prefix($0.count / 2) }), ("reversed", { $0.reversed() }),
            ("r as the order of P-256", { Self.order + $0.suffix($0.count / 2) }),
            ("s as the order of P-256", { $0.prefix($0.count / 2) + Self.order }),
            ("r and s the order", { _ in Self.order + Self.order }),
            ("r and s one", { _ in Self.one + Self.one }), ("DER", { Self.der($0) }),
            ("S beyond the order of Ed25519", { $0.prefix(32) + Self.addingEdwardsOrder(Array($0.suffix(32))) }),
        ]
        let changed = changes.map { BadToken("signature: " + $0.0, forge.resigned($0.1), .badSignature) }
        let parts = forge.token.split(separator: ".")
        let admin = forge.with(claim: "sub", quoted(TokenForge.session)).token.split(separator: ".")
        let header = forge.adding(header: "x", "1").token.split(separator: ".")
        return changed + [
            BadToken("another's payload", "\(parts[0]).\(admin[1]).\(parts[2])", .badSignature),
            BadToken("another's header", "\(header[0]).\(parts[1]).\(parts[2])", .badSignature),
            BadToken(
                "signed by another key",
                "\(parts[0]).\(parts[1]).\(other.sign(parts: "\(parts[0])", "\(parts[1])").split(separator: ".")[2])",
                .badSignature),
        ]
    }

    /// Of the group of P-256 (SEC 2, section 2.4.2).
    private static let order: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD,
        0xA7,
        0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]
    private static let one = [UInt8](repeating: 0, count: 31) + [1]

    /// Ed25519's S + L, lowest byte first (RFC 8032 section 5.1): the same to a verifier that does not check the range.
    private static func addingEdwardsOrder(_ s: [UInt8]) -> [UInt8] {
        let order: [UInt8] =
            [0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14]
            + [UInt8](repeating: 0, count: 15) + [0x10]
        var carry: UInt16 = 0
        return zip(s, order).map { left, right in
            let sum = UInt16(left) + UInt16(right) + carry
            carry = sum >> 8
            return UInt8(truncatingIfNeeded: sum)
        }
    }

    /// SEQUENCE of two INTEGERs, as X.509 writes an ECDSA signature.
    static func der(_ raw: [UInt8]) -> [UInt8] {
        func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
            let digits = Array(bytes.drop { $0 == 0 })
            let positive = (digits.first ?? 0x80) >= 0x80 ? [0] + digits : digits
            return [2, UInt8(positive.count)] + positive
        }
        let body = integer(raw.prefix(raw.count / 2)) + integer(raw.suffix(raw.count / 2))
        return [0x30, UInt8(truncatingIfNeeded: body.count)] + body
    }
}

enum Base64URLAlphabet {
    static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    /// The one behind, round the end: another lowest bit.
    static func next(_ character: Character) -> Character {
        let index = characters.firstIndex(of: character) ?? 0
        return characters[(index ^ 1) % 64]
    }
}
