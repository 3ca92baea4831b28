import FoundationEssentials
import JWTKit
import Testing

@testable import Vault

@Suite struct BadTokenTests {
    private struct Bench {
        let tokens: AccessTokens
        let forge: TokenForge
        let bad: [BadToken]
    }

    /// Two keys of the kind in one set, and all that can be tried against the first.
    private static func bench(_ algorithm: SignatureAlgorithm) async throws -> Bench {
        let keys = [try await SigningKey.generate(algorithm), try await SigningKey.generate(algorithm)]
        let forge = TokenForge(keys[0].key)
        let tokens = AccessTokens(keys: SigningKeys(try SigningKeySet(keys)), now: { TokenForge.now })
        let forms = algorithm == .hs256 ? [] : try keys[0].key.publicForms()
        return Bench(
            tokens: tokens, forge: forge,
            bad: BadTokens.all(forge, other: TokenForge(keys[1].key), publicForms: forms))
    }

    @Test(arguments: [SignatureAlgorithm.es256, .eddsa, .hs256])
    func `every bad token is refused for what is wrong with it`(_ algorithm: SignatureAlgorithm) async throws {
        let bench = try await Self.bench(algorithm)
        #expect(bench.bad.count > 200)
        for bad in bench.bad {
            let refusal = #expect(throws: TokenRefusal.self, "\(bad.name)") { try bench.tokens.verify(bad.text) }
            if let refusal { #expect(BadToken.Reason(refusal) == bad.reason, "\(bad.name): \(refusal)") }
            // Nothing of what was tried stays: the good one beside it is good.
            #expect((try? bench.tokens.verify(bench.forge.token)) != nil, "after \(bad.name)")
        }
    }

    /// The controls: what the table changes is taken when it is changed to something right.
    @Test(arguments: [SignatureAlgorithm.es256, .eddsa, .hs256])
    func `what is unusual and right is taken`(_ algorithm: SignatureAlgorithm) async throws {
        let bench = try await Self.bench(algorithm)
        let forge = bench.forge
        let good = [
            forge, forge.adding(header: "x", "{\"a\":[1,2,{}]}"),
            forge.adding(claim: "x", "\"\\ud83d\\ude00 \\u0041\""),
            forge.adding(claim: "x", "[-1.5e+3, 0, -0, 1E2, true, false, null, \"\"]"),
            forge.adding(claim: "a\\u0000", "1"),
            forge.with(claim: "exp", "1800000001"), forge.with(claim: "exp", "253402300799"),
            forge.with(claim: "iat", "1800000060"), forge.with(claim: "nbf", "1800000060"),
            forge.with(claim: "nbf", "0"),
            forge.adding(claim: "x", String(repeating: "[", count: 14) + String(repeating: "]", count: 14)),
        ]
        for forge in good {
            let claims = try bench.tokens.verify(forge.token)
            #expect(claims.user.uuidString.lowercased() == TokenForge.user)
        }
        let spaced = forge.sign(" \r\n\t" + forge.headerText + " ", "\n" + forge.claimsText + "\t")
        #expect(try bench.tokens.verify(spaced).session.uuidString.lowercased() == TokenForge.session)
        #expect(forge.adding(claim: "x", quoted(String(repeating: "x", count: 5000))).token.utf8.count < 8192)
        _ = try bench.tokens.verify(forge.adding(claim: "x", quoted(String(repeating: "x", count: 5000))).token)
    }

    @Test(arguments: [SignatureAlgorithm.es256, .eddsa, .hs256])
    func `every flipped bit of a token refuses it`(_ algorithm: SignatureAlgorithm) async throws {
        let bench = try await Self.bench(algorithm)
        let bytes = Array(bench.forge.token.utf8)
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                let text = String(decoding: flipped, as: UTF8.self)
                #expect(throws: TokenRefusal.self, "byte \(index), bit \(bit)") { try bench.tokens.verify(text) }
            }
        }
        _ = try bench.tokens.verify(bench.forge.token)
    }
}
