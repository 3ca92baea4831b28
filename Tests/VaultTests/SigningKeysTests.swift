import FoundationEssentials
import Logging
import Testing

@testable import Vault

@Suite struct SigningKeysTests {
    private static let logger = Logger(label: "test")

    private static func key(_ algorithm: SignatureAlgorithm = .es256) async throws -> SigningKey {
        try await SigningKey.generate(algorithm)
    }

    @Test func `what is written is read, and published without anything private`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("keys.json")
        let keys = [try await Self.key(.es256), try await Self.key(.eddsa), try await Self.key(.hs256)]
        try SigningKeySet(keys).write(path: path)
        let read = try await SigningKeySet.read(path: path)
        #expect(read.keys.map(\.kid) == keys.map(\.kid))
        #expect(read.keys.map(\.algorithm) == [.es256, .eddsa, .hs256] && read.keys.allSatisfy(\.canSign))

        let published = try #require(StrictJSON(Array(read.publicText.utf8))?.object?["keys"]?.array)
        #expect(published.compactMap { $0.object?["kid"]?.string } == keys.prefix(2).map(\.kid))
        #expect(Set(published.flatMap { ($0.object ?? [:]).keys }) == ["kty", "crv", "x", "y", "alg", "use", "kid"])
        for key in keys {
            let members = try #require(StrictJSON(Array(key.key.privateText.utf8))?.object)
            let secret = try #require(members["d"]?.string ?? members["k"]?.string)
            #expect(!read.publicText.contains(secret) && read.privateText.contains(secret))
        }
        // What is published verifies and cannot sign.
        let other = try await JSONWebKey(try #require(published[0].object))
        #expect(other.verifies(try keys[0].key.sign([1, 2, 3]), of: [1, 2, 3]) && !other.canSign)
        #expect(throws: VaultError.self) { try other.sign([1]) }
    }

    @Test func `a file of keys is its owner's alone`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("keys.json")
        try SigningKeySet([try await Self.key()]).write(path: path)
        try SigningKeySet([try await Self.key()]).write(path: path)
        #expect(try folder.permissions("keys.json") == 0o600)
        #expect(try folder.names() == ["keys.json"])
    }

    @Test func `keys are rotated without a token being refused`() async throws {
        let (old, new) = (try await Self.key(), try await Self.key(.eddsa))
        let before = try SigningKeySet([old])
        let keys = SigningKeys(before)
        let tokens = AccessTokens(keys: keys, now: { TokenForge.now })
        let first = try tokens.issue(user: UUID(), session: UUID()).text
        _ = try tokens.verify(first)
        // Known first, then signing, then the old one goes.
        keys.replace(try before.adding(new, first: false))
        #expect(try CompactToken(tokens.issue(user: UUID(), session: UUID()).text).keyID == old.kid)
        _ = try tokens.verify(first)
        keys.replace(try before.adding(new, first: true))
        let second = try tokens.issue(user: UUID(), session: UUID()).text
        #expect(try CompactToken(second).keyID == new.kid)
        _ = (try tokens.verify(first), try tokens.verify(second))
        keys.replace(try SigningKeySet([new]))
        _ = try tokens.verify(second)
        #expect(throws: TokenRefusal.unknownKey, "also out of the cache") { try tokens.verify(first) }
    }

    @Test func `a changed file is taken, a broken one leaves the keys as they were`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("keys.json")
        let (first, second) = (
            try SigningKeySet([try await Self.key()]), try SigningKeySet([try await Self.key(.eddsa)])
        )
        try first.write(path: path)
        let keys = try await SigningKeys(path: path, logger: Self.logger)
        let version = keys.current.version
        #expect(try await keys.refresh() == false && keys.current.version == version)

        try folder.write("keys.json", "{\"keys\":[")
        for _ in 0..<2 {
            await #expect(throws: VaultError.self) { try await keys.refresh() }
            #expect(keys.publicText == first.publicText && keys.current.version == version)
        }
        try folder.remove("keys.json")
        await #expect(throws: VaultError.self) { try await keys.refresh() }
        #expect(keys.publicText == first.publicText)

        try second.write(path: path)
        #expect(try await keys.refresh())
        #expect(keys.publicText == second.publicText && keys.current.version > version)
    }

    @Test func `watching takes a changed file by itself and ends with its task`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("keys.json")
        try SigningKeySet([try await Self.key()]).write(path: path)
        let keys = try await SigningKeys(path: path, logger: Self.logger)
        let second = try SigningKeySet([try await Self.key()])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await keys.watch(every: .milliseconds(5)) }
            group.addTask {
                try? second.write(path: path)
                while keys.publicText != second.publicText, !Task.isCancelled { await Task.yield() }
            }
            await group.next()
            #expect(keys.publicText == second.publicText)
            group.cancelAll()
        }
    }

    @Test func `keys that cannot be used are refused, each with its reason`() async throws {
        let good = try await Self.key().key.privateText
        let other = try #require(StrictJSON(Array(try await Self.key().key.privateText.utf8))?.object)
        let members = try #require(StrictJSON(Array(good.utf8))?.object)
        let x = try #require(members["x"]?.string)
        let otherX = try #require(other["x"]?.string)
        let d = try #require(members["d"]?.string)
        let kid = try #require(members["kid"]?.string)
        let edwards = try await Self.key(.eddsa).key.privateText
        let bad = [
            "": "no key", good.replacing(x, with: otherX): "halves that are strangers",
            good.replacing(d, with: String(d.dropLast(2))): "a short d",
            good.replacing("P-256", with: "P-384"): "P-384",
            good.replacing("ES256", with: "ES384"): "another alg",
            good.replacing("ES256", with: "HS256"): "HS256 for a curve",
            good.replacing("\"kty\"", with: "\"use\":\"enc\",\"kty\""): "for encryption",
            good.replacing("\"kty\":\"EC\",", with: ""): "no kty", good + "," + good: "twice",
            good.replacing(kid, with: ""): "an empty kid", good.replacing(kid, with: "a b"): "a kid with a space",
            edwards.replacing("Ed25519", with: "X25519"): "X25519", #"{"kty":"oct","k":"AAAA"}"#: "a short secret",
            #"{"kty":"oct"}"#: "no secret", RFCExamples.thumbprintKey: "RSA", "{}": "nothing", "1": "a number",
            good.replacing("\"d\":\"\(d)\",", with: ""): "a first key that cannot sign",
            (0..<17).map { _ in
                #"{"kty":"oct","k":"\#(Base64URL.encode((0..<32).map { _ in UInt8.random(in: 0...255) }))"}"#
            }
            .joined(separator: ","): "seventeen keys",
        ]
        for (text, name) in bad {
            await #expect(throws: VaultError.self, "\(name)") {
                try await SigningKeySet(json: Array("{\"keys\":[\(text)]}".utf8))
            }
        }
        for text in ["", "{}", "[]", "{\"keys\":{}}", "{\"keys\":[\(good)]", "{\"keys\":[],\"keys\":[\(good)]}"] {
            await #expect(throws: VaultError.self, "\(text)") { try await SigningKeySet(json: Array(text.utf8)) }
        }
        let taken = try await SigningKeySet(json: Array("{\"keys\":[\(good)]}".utf8))
        #expect(taken.keys.map(\.kid) == [kid])
        let renamed = try await SigningKeySet(json: Array("{\"keys\":[\(good.replacing(kid, with: "mine"))]}".utf8))
        #expect(renamed.keys.map(\.kid) == ["mine"])
    }

    @Test func `no description of an error holds a key`() async throws {
        let secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ"
        do {
            _ = try await SigningKeySet(json: Array(#"{"keys":[{"kty":"oct","k":"\#(secret)"}]}"#.utf8))
            Issue.record("taken")
        } catch {
            #expect(!"\(error)".contains(secret) && "\(error)".contains("key 1"))
        }
    }

    @Test func `the cache forgets what is old, keeps what is used, and never grows beyond its bound`() {
        var cache = TokenCache<Int>(capacity: 10)
        func digest(_ number: Int) -> [UInt8] { Digest.sha256("\(number)".utf8) }
        for number in 0..<1000 {
            cache.insert(number, for: digest(number), version: 1)
            #expect(cache.finding(for: digest(0), version: 1) == 0 && cache.count <= 10)
        }
        #expect(
            cache.finding(for: digest(500), version: 1) == nil && cache.finding(for: digest(999), version: 1) == 999)
        #expect(cache.finding(for: digest(999), version: 2) == nil && cache.count == 0)
        cache.insert(7, for: digest(7), version: 1)
        #expect(cache.finding(for: digest(7), version: 2) == nil, "made with keys of before")
    }

    @Test func `a cached token still ends`() async throws {
        let clock = TestClock(TokenForge.now)
        let tokens = AccessTokens(keys: SigningKeys(try SigningKeySet([try await Self.key()])), now: { clock.now })
        let issued = try tokens.issue(user: UUID(), session: UUID())
        _ = try tokens.verify(issued.text)
        clock.advance(899)
        _ = try tokens.verify(issued.text)
        clock.advance(1)
        #expect(throws: TokenRefusal.expired) { try tokens.verify(issued.text) }
        #expect(throws: TokenRefusal.expired) { try tokens.verify(issued.text) }
    }

    @Test func `another issuer's tokens are refused, whatever characters it has`() async throws {
        let keys = SigningKeys(try SigningKeySet([try await Self.key()]))
        let odd = AccessTokens(keys: keys, issuer: "https://x.example/\"ü\\\n")
        let text = try odd.issue(user: UUID(), session: UUID()).text
        _ = try odd.verify(text)
        #expect(throws: TokenRefusal.claim("iss")) { try AccessTokens(keys: keys).verify(text) }
    }
}
