import FoundationEssentials
import Testing

@testable import Vault

/// What things cost. Prints, checks nothing: `swift test -c release --filter MeasureTests` on a quiet machine.
@Suite(.serialized) struct MeasureTests {
    private func measure(_ name: String, _ count: Int, _ body: (Int) throws -> Void) rethrows {
        let started = ContinuousClock.now
        for index in 0..<count { try body(index) }
        let each = (ContinuousClock.now - started) / count
        let nanoseconds = each.components.seconds * 1_000_000_000 + each.components.attoseconds / 1_000_000_000
        print("measured: \(name): \(nanoseconds) ns")
    }

    @Test(arguments: [SignatureAlgorithm.es256, .eddsa, .hs256])
    func `an access token`(_ algorithm: SignatureAlgorithm) async throws {
        let keys = SigningKeys(try SigningKeySet([try await SigningKey.generate(algorithm)]))
        let tokens = AccessTokens(keys: keys)
        var issued: [String] = []
        try measure("\(algorithm.rawValue) issue", 500) { _ in
            issued.append(try tokens.issue(user: UUID(), session: UUID()).text)
        }
        try measure("\(algorithm.rawValue) verify, first time", 500) { _ = try tokens.verify(issued[$0]) }
        try measure("\(algorithm.rawValue) verify, seen before", 5000) { _ = try tokens.verify(issued[$0 % 500]) }
    }

    @Test func `the opaque tokens`() throws {
        let secrets = try AuthSecrets(String(repeating: "s", count: 32))
        let (refresh, cookie, csrf) = (RefreshTokens(secrets), SessionTokens(secrets), CSRFTokens(secrets))
        let session = UUID()
        let texts = (
            refresh.text(user: session, session: session, generation: 1),
            cookie.text(user: session, session: session), csrf.text(session: session)
        )
        measure("refresh token, write", 2000) { _ = refresh.text(user: session, session: session, generation: $0) }
        measure("refresh token, read", 2000) { _ in _ = refresh.read(texts.0) }
        measure("session cookie, read", 2000) { _ in _ = cookie.read(texts.1) }
        measure("CSRF token, check", 2000) { _ in _ = csrf.isValid(texts.2, session: session) }
        let key = APIKeyText.make().text
        measure("API key, read and digest", 2000) { _ in _ = APIKeyText(key)?.digest }
    }

    @Test func `a sealed value`() async throws {
        let wrapping = LocalKeyWrapping(try MasterKeys([try MasterKey.make(id: "k1")]))
        let key = DataKey.make(owner: UUID(), version: 1)
        let place = SealedPlace(tenant: key.owner, record: UUID(), field: "refresh_token")
        let token = [UInt8](repeating: 7, count: 512)
        let sealed = key.seal(token, for: place)
        measure("512 bytes, seal", 5000) { _ in _ = key.seal(token, for: place) }
        try measure("512 bytes, read and open", 5000) { _ in
            _ = try key.open(try SealedText(sealed.rawValue), for: place)
        }
        let wrapped = try await wrapping.wrap(key)
        let started = ContinuousClock.now
        for _ in 0..<1000 { _ = try await wrapping.unwrap(wrapped, owner: key.owner, version: 1) }
        print("measured: data key, unwrap: \((ContinuousClock.now - started) / 1000)")
    }

    @Test func `a password`() async throws {
        let password = Array("correct horse".utf8)
        let salt = [UInt8](repeating: 1, count: 16)
        try measure("Argon2id of 19 MiB, two passes", 20) { _ in
            _ = try Argon2.hash(password, salt: salt, cost: .current, count: 32)
        }
        try measure("bcrypt of cost 10", 2) { _ in
            _ = try Bcrypt.isRight(password, hash: "$2a$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
        }
    }
}
