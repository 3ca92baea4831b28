import FoundationEssentials
import JWTKit
import Logging
import Synchronization
import Testing

@testable import Vault

@Suite struct ForeignTokenTests {
    private static let project = "https://abc.supabase.co"
    private static let secret = "super-secret-jwt-token-with-at-least-32-characters"

    /// Publishes whatever it is told to, and counts who asks.
    private final class Publisher: Sendable {
        private struct State {
            var keys: [String] = []
            var isAway = false
            var fetches = 0
        }
        private let state = Mutex(State())

        init(_ keys: [String]) { state.withLock { $0.keys = keys } }

        var fetches: Int { state.withLock { $0.fetches } }
        func publish(_ keys: [String]) { state.withLock { $0.keys = keys } }
        func goAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

        @Sendable func fetch() throws -> [UInt8] {
            try state.withLock { state in
                state.fetches += 1
                if state.isAway { throw VaultError.setting("away") }
                return Array("{\"keys\":[\(state.keys.joined(separator: ","))]}".utf8)
            }
        }
    }

    private static func tokens(
        _ publisher: Publisher?, secret: String? = nil, clock: TestClock = TestClock(TokenForge.now)
    ) async throws -> ForeignTokens {
        try await ForeignTokens(
            projectURL: project, secret: secret, logger: Logger(label: "test"), now: { clock.now },
            fetch: publisher.map { publisher in { @Sendable in try publisher.fetch() } })
    }

    /// A forge of each published kind, and its public JWK.
    private static func forge(_ algorithm: SignatureAlgorithm, kid: String = "key-1") async throws -> (
        TokenForge, String
    ) {
        if algorithm == .rs256 {
            let engine = try await RSAExample.engine()
            let jwk = RSAExample.publicKey(kid: kid)
            return (TokenForge(try await JSONWebKey(text: jwk), project: project) { try engine.sign($0) }, jwk)
        }
        let key = try await SigningKey.generate(algorithm).key
        let jwk = (key.publicText ?? "").replacing(key.kid, with: kid)
        let named = try await JSONWebKey(text: key.privateText.replacing(key.kid, with: kid))
        return (TokenForge(named, project: project), jwk)
    }

    private static func hmacForge(_ secret: String = secret) async throws -> TokenForge {
        TokenForge(try await JSONWebKey(secret: Array(secret.utf8), name: "legacy"), project: project)
    }

    @Test(arguments: [SignatureAlgorithm.es256, .rs256, .eddsa])
    func `a token of a published key says whose it is`(_ algorithm: SignatureAlgorithm) async throws {
        let (forge, jwk) = try await Self.forge(algorithm)
        let publisher = Publisher([jwk])
        let tokens = try await Self.tokens(publisher)
        for _ in 0..<3 {
            let claims = try await tokens.verify(forge.token)
            #expect(claims.issuer == "https://abc.supabase.co/auth/v1" && claims.email == "ada@example.com")
            #expect(claims.subject.uuidString.lowercased() == TokenForge.user)
            #expect(claims.session?.uuidString.lowercased() == TokenForge.session)
            #expect(claims.expiresAt == TokenForge.now + 3600 && !claims.isAnonymous)
        }
        #expect(publisher.fetches == 1)
    }

    @Test func `a token of the secret is taken with any kid or none, but not one that names a published key`()
        async throws
    {
        let (published, jwk) = try await Self.forge(.es256)
        let tokens = try await Self.tokens(Publisher([jwk]), secret: Self.secret)
        let forge = try await Self.hmacForge()
        for forge in [forge, forge.with(header: "kid", nil), forge.with(header: "kid", quoted("whatever"))] {
            #expect(try await tokens.verify(forge.token).email == "ada@example.com")
        }
        _ = try await tokens.verify(published.token)
        await #expect(throws: TokenRefusal.unknownKey) {
            try await tokens.verify(forge.with(header: "kid", quoted("key-1")).token)
        }
        await #expect(throws: TokenRefusal.badSignature) {
            try await tokens.verify(try await Self.hmacForge("another-secret-that-has-at-least-32-characters").token)
        }
        // Without the secret no HS256 at all; without published keys nothing else.
        let keysOnly = try await Self.tokens(Publisher([jwk]))
        await #expect(throws: TokenRefusal.unknownKey) { try await keysOnly.verify(forge.token) }
        let secretOnly = try await Self.tokens(nil, secret: Self.secret)
        #expect(try await secretOnly.verify(forge.token).email == "ada@example.com")
        await #expect(throws: TokenRefusal.unknownKey) { try await secretOnly.verify(published.token) }
    }

    @Test(arguments: [SignatureAlgorithm.es256, .rs256, .eddsa])
    func `every bad token is refused for what is wrong with it`(_ algorithm: SignatureAlgorithm) async throws {
        let (forge, jwk) = try await Self.forge(algorithm)
        let (other, otherJWK) = try await Self.forge(algorithm == .rs256 ? .es256 : algorithm, kid: "key-2")
        let tokens = try await Self.tokens(Publisher([jwk, otherJWK]), secret: Self.secret)
        _ = try await tokens.verify(forge.token)
        let bad = BadTokens.ofAnyIssuer(forge, other: other, publicForms: try forge.key.publicForms())
        #expect(bad.count > 120)
        for bad in bad {
            let refusal = await #expect(throws: TokenRefusal.self, "\(bad.name)") { try await tokens.verify(bad.text) }
            if let refusal { #expect(BadToken.Reason(refusal) == bad.reason, "\(bad.name): \(refusal)") }
        }
        _ = try await tokens.verify(forge.token)
    }

    @Test func `claims of another project, for others or out of time are refused`() async throws {
        let (forge, jwk) = try await Self.forge(.es256)
        let tokens = try await Self.tokens(Publisher([jwk]))
        let bad: [(String, String?, TokenRefusal)] = [
            ("iss", nil, .claim("iss")), ("iss", quoted("supabase"), .claim("iss")),
            ("iss", quoted(Self.project), .claim("iss")), ("iss", quoted(Self.project + "/auth/v1/"), .claim("iss")),
            ("iss", quoted("https://abd.supabase.co/auth/v1"), .claim("iss")),
            ("iss", quoted("http://abc.supabase.co/auth/v1"), .claim("iss")),
            ("aud", nil, .claim("aud")), ("aud", quoted("anon"), .claim("aud")), ("aud", "[]", .claim("aud")),
            ("aud", "[1,\"authenticated\"]", .claim("aud")), ("aud", "{\"authenticated\":1}", .claim("aud")),
            ("sub", nil, .claim("sub")), ("sub", quoted("service_role"), .claim("sub")), ("sub", "null", .claim("sub")),
            ("exp", nil, .claim("exp")), ("exp", "\"1800003600\"", .claim("exp")), ("exp", "1799999940", .expired),
            ("exp", "1800003600.5", .claim("exp")), ("iat", "1800000061", .notYetValid),
            ("nbf", "1800000061", .notYetValid), ("nbf", "\"\"", .claim("nbf")),
        ]
        for (name, json, refusal) in bad {
            // A token that expired was issued before.
            let old = name == "exp" ? forge.with(claim: "iat", "1799990000") : forge
            await #expect(throws: refusal, "\(name) \(json ?? "missing")") {
                try await tokens.verify(old.with(claim: name, json).token)
            }
        }
        let good: [(String, String?)] = [
            ("aud", "[\"other\",\"authenticated\"]"), ("iat", nil), ("iat", "1800000060"), ("nbf", "1800000060"),
            ("session_id", nil), ("email", nil), ("role", nil),
        ]
        for (name, json) in good { _ = try await tokens.verify(forge.with(claim: name, json).token) }
        let late = forge.with(claim: "iat", "1799990000").with(claim: "exp", "1799999941")
        _ = try await tokens.verify(late.token)
    }

    @Test func `only the token itself can say that an address is verified`() async throws {
        let (forge, jwk) = try await Self.forge(.es256)
        let tokens = try await Self.tokens(Publisher([jwk]))
        #expect(try await tokens.verify(forge.token).isEmailVerified == false, "user_metadata is the user's to write")
        #expect(try await tokens.verify(forge.with(claim: "email_verified", "true").token).isEmailVerified)
        for json in ["false", "\"true\"", "1", "null"] {
            let claims = try await tokens.verify(forge.with(claim: "email_verified", json).token)
            #expect(!claims.isEmailVerified, "\(json)")
        }
        let anonymous = forge.with(claim: "email", "\"\"").with(claim: "is_anonymous", "true")
            .with(claim: "email_verified", "true")
        let claims = try await tokens.verify(anonymous.token)
        #expect(claims.isAnonymous && claims.email == nil && !claims.isEmailVerified)
    }

    @Test func `published keys of other kinds are passed over, and octets are never believed`() async throws {
        let (forge, jwk) = try await Self.forge(.es256)
        let octets = try await JSONWebKey(secret: Array(Self.secret.utf8), name: "oct")
        let junk = [
            "1", "{}", #"{"kty":"EC","crv":"P-521","kid":"x","x":"AA","y":"AA"}"#, octets.privateText,
            RSAExample.publicKey(kid: "rs512", alg: "RS512"),
            jwk.replacing("\"sig\"", with: "\"enc\"").replacing("key-1", with: "enc"),
            jwk.replacing("\"kid\":\"key-1\"", with: "\"x-kid\":\"none\""), RSAExample.publicKey(kid: "key-1"),
        ]
        let tokens = try await Self.tokens(Publisher([jwk] + junk))
        _ = try await tokens.verify(forge.token)
        let byOctets = TokenForge(octets, project: Self.project)
        await #expect(throws: TokenRefusal.unknownKey) { try await tokens.verify(byOctets.token) }
        for kid in ["enc", "none", "rs512", "x"] {
            await #expect(throws: TokenRefusal.unknownKey, "\(kid)") {
                try await tokens.verify(forge.with(header: "kid", quoted(kid)).token)
            }
        }
    }

    @Test func `an empty set is a set, and a broken one is none`() async throws {
        let (forge, _) = try await Self.forge(.es256)
        let empty = try await Self.tokens(Publisher([]), secret: Self.secret)
        await #expect(throws: TokenRefusal.unknownKey) { try await empty.verify(forge.token) }
        _ = try await empty.verify(try await Self.hmacForge().token)
        let broken = try await Self.tokens(Publisher(["{"]))
        await #expect(throws: TokenRefusal.keysUnavailable) { try await broken.verify(forge.token) }
    }

    @Test func `keys are rotated without a refusal, and a key that is taken away is gone, also from the cache`()
        async throws
    {
        let clock = TestClock(TokenForge.now)
        let (old, oldJWK) = try await Self.forge(.es256)
        let (new, newJWK) = try await Self.forge(.eddsa, kid: "key-2")
        let publisher = Publisher([oldJWK])
        let tokens = try await Self.tokens(publisher, clock: clock)
        _ = try await tokens.verify(old.token)
        clock.advance(31)
        publisher.publish([newJWK, oldJWK])
        _ = try await tokens.verify(new.token)
        _ = try await tokens.verify(old.token)
        #expect(publisher.fetches == 2)
        publisher.publish([newJWK])
        clock.advance(599)
        _ = try await tokens.verify(old.token)
        clock.advance(1)
        await #expect(throws: TokenRefusal.unknownKey) { try await tokens.verify(old.token) }
        _ = try await tokens.verify(new.token)
        #expect(publisher.fetches == 3)
    }

    @Test func `an issuer that is away stops nobody for twenty minutes, and then everybody`() async throws {
        let clock = TestClock(TokenForge.now)
        let (forge, jwk) = try await Self.forge(.es256)
        let publisher = Publisher([jwk])
        let tokens = try await Self.tokens(publisher, clock: clock)
        _ = try await tokens.verify(forge.token)
        publisher.goAway(true)
        for _ in 0..<119 {
            clock.advance(10)
            _ = try await tokens.verify(forge.token)
        }
        #expect((20...22).contains(publisher.fetches))
        clock.advance(10)
        await #expect(throws: TokenRefusal.keysUnavailable) { try await tokens.verify(forge.token) }
        publisher.goAway(false)
        clock.advance(30)
        _ = try await tokens.verify(forge.token)
    }

    @Test func `a short secret and nothing at all are refused`() async {
        await #expect(throws: VaultError.self) { try await Self.tokens(nil, secret: "short") }
        await #expect(throws: VaultError.self) { try await Self.tokens(nil, secret: nil) }
        #expect(
            ForeignTokens.keysURL(ofProject: "https://abc.supabase.co/")
                == "https://abc.supabase.co/auth/v1/.well-known/jwks.json")
    }
}
