import FoundationEssentials
import Testing

@testable import Vault

@Suite struct TokenRoundTripTests {
    static let first = "first-secret-0123456789-0123456789"
    static let second = "second-secret-0123456789-0123456789"

    @Test func `a refresh token says whose session it is, and its generation`() throws {
        let tokens = RefreshTokens(try AuthSecrets(Self.first))
        let (user, session) = (UUID(), UUID())
        for generation in [0, 1, 255, 65_536, Int(Int32.max)] {
            let text = tokens.text(user: user, session: session, generation: generation)
            #expect(text.hasPrefix("ert_") && text.utf8.count == 96)
            #expect(tokens.read(text) == RefreshToken(user: user, session: session, generation: generation))
            let again = tokens.text(user: user, session: session, generation: generation)
            #expect(again == text, "the same generation, the same text")
        }
    }

    @Test func `a new secret signs and an old one still verifies until it goes`() throws {
        let signIn = SessionToken(user: UUID(), session: UUID())
        let before = SessionTokens(try AuthSecrets(Self.first))
        let during = SessionTokens(try AuthSecrets(Self.second + " , " + Self.first))
        let after = SessionTokens(try AuthSecrets(Self.second))
        let old = before.text(user: signIn.user, session: signIn.session)
        let new = during.text(user: signIn.user, session: signIn.session)
        #expect(during.read(old) == signIn && during.read(new) == signIn)
        #expect(after.read(new) == signIn && after.read(old) == nil && before.read(new) == nil)
    }

    @Test func `a password goes through hash and verify`() async throws {
        let hasher = try PasswordHasher(threads: 2)
        let hash = try await hasher.hash("correct horse")
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$") && hash.utf8.count == 97)
        #expect(try await hasher.verify("correct horse", against: hash) == .right(rehashDue: false))
        #expect(try await hasher.verify("wrong horse", against: hash) == .wrong)
        #expect(try await hasher.verify("correct horse", against: nil) == .wrong)
    }

    @Test(arguments: [SignatureAlgorithm.es256, .eddsa, .hs256])
    func `an access token says whose it is`(_ algorithm: SignatureAlgorithm) async throws {
        let set = try SigningKeySet([try await SigningKey.generate(algorithm)])
        let keys = SigningKeys(try await SigningKeySet(json: Array(set.privateText.utf8)))
        let tokens = AccessTokens(keys: keys)
        let (user, session) = (UUID(), UUID())
        let issued = try tokens.issue(user: user, session: session)
        for _ in 0..<2 {
            let claims = try tokens.verify(issued.text)
            #expect(claims.user == user && claims.session == session && claims.expiresAt == issued.expiresAt)
        }
    }

    @Test func `an API key is told from a slip of the pen`() throws {
        let key = APIKeyText.make()
        #expect(key.text.utf8.count == 56 && key.prefix.utf8.count == 13)
        #expect(APIKeyText(key.text)?.digest == key.digest)
        #expect(APIKeyText(key.text.dropLast() + "-") == nil)
        #expect("\(key)".contains(key.text.suffix(40)) == false)
    }
}
