import FoundationEssentials
import Logging
import Testing

@testable import Vault

@Suite struct KeyWrappingTests {
    private static let place = SealedPlace(tenant: Keys.owner, record: UUID(), field: "refresh_token")

    private static func wrapping(_ keys: MasterKey...) throws -> LocalKeyWrapping {
        LocalKeyWrapping(try MasterKeys(keys))
    }

    @Test func `a data key is stored wrapped, and opens what it sealed before`() async throws {
        let wrapping = try Self.wrapping(Keys.master("k1", 1))
        let key = Keys.data(version: 7)
        let wrapped = try await wrapping.wrap(key)
        #expect(wrapped.masterKeyID == "k1" && wrapped.text.hasPrefix("wk1.k1."))
        #expect(wrapped.bytes.count == 12 + 32 + 16)
        let stored = try WrappedKey(wrapped.text)
        #expect(stored == wrapped)
        let unwrapped = try await wrapping.unwrap(stored, owner: Keys.owner, version: 7)
        let sealed = key.seal([1, 2, 3], for: Self.place)
        #expect(try unwrapped.open(sealed, for: Self.place) == [1, 2, 3])
        #expect(try await wrapping.wrap(key) != wrapped)
    }

    @Test func `a wrapped key of another row or with a flipped bit is refused`() async throws {
        let wrapping = try Self.wrapping(Keys.master("k1", 1), Keys.master("k2", 2))
        let wrapped = try await wrapping.wrap(Keys.data())
        await #expect(throws: SealingError.notAuthentic) {
            try await wrapping.unwrap(wrapped, owner: UUID(), version: 1)
        }
        for version in [2, 0, -1, Int.max] {
            await #expect(throws: SealingError.notAuthentic) {
                try await wrapping.unwrap(wrapped, owner: Keys.owner, version: version)
            }
        }
        for bytes in wrapped.bytes.flips {
            await #expect(throws: SealingError.notAuthentic) {
                try await wrapping.unwrap(
                    WrappedKey(masterKeyID: "k1", bytes: bytes), owner: Keys.owner, version: 1)
            }
        }
        let relabelled = WrappedKey(masterKeyID: "k2", bytes: wrapped.bytes)
        await #expect(throws: SealingError.notAuthentic) {
            try await wrapping.unwrap(relabelled, owner: Keys.owner, version: 1)
        }
        // Nor by a key of the same bytes and another name.
        let renamed = try Self.wrapping(Keys.master("k2", 1))
        await #expect(throws: SealingError.notAuthentic) {
            try await renamed.unwrap(relabelled, owner: Keys.owner, version: 1)
        }
    }

    @Test func `the master key is rotated without a value being lost, and the old one is not needed afterwards`()
        async throws
    {
        let (first, second) = (Keys.master("k1", 1), Keys.master("k2", 2))
        let key = Keys.data()
        let sealed = key.seal([1, 2, 3], for: Self.place)
        let before = try await Self.wrapping(first).wrap(key)

        let both = try Self.wrapping(second, first)
        #expect(both.currentKeyID == "k2")
        let between = try await both.unwrap(before, owner: Keys.owner, version: 1)
        #expect(try between.open(sealed, for: Self.place) == [1, 2, 3])
        let after = try #require(try await both.rewrap(before, owner: Keys.owner, version: 1))
        #expect(after.masterKeyID == "k2")
        #expect(try await both.rewrap(after, owner: Keys.owner, version: 1) == nil)

        let alone = try Self.wrapping(second)
        let unwrapped = try await alone.unwrap(after, owner: Keys.owner, version: 1)
        #expect(try unwrapped.open(sealed, for: Self.place) == [1, 2, 3])
        await #expect(throws: SealingError.unknownMasterKey("k1")) {
            try await alone.unwrap(before, owner: Keys.owner, version: 1)
        }
        await #expect(throws: SealingError.unknownMasterKey("k1")) {
            try await alone.rewrap(before, owner: Keys.owner, version: 1)
        }
    }

    @Test func `a key that somebody else wrapped by a newer master key is unwrapped without waiting for the next look`()
        async throws
    {
        let folder = try TemporaryFolder()
        let path = folder.path("master-keys")
        let first = try MasterKeys([Keys.master("k1", 1)])
        try first.write(path: path)
        let ring = try await MasterKeyRing(path: path, logger: Logger(label: "test"))
        let wrapping = LocalKeyWrapping(ring)

        let both = try first.adding(Keys.master("k2", 2), first: true)
        let wrapped = try await LocalKeyWrapping(both).wrap(Keys.data())
        try both.write(path: path)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    (try? await wrapping.unwrap(wrapped, owner: Keys.owner, version: 1)) != nil
                }
            }
            #expect(await group.allSatisfy { $0 })
        }
        #expect(wrapping.currentKeyID == "k2" && ring.current.version == 2)

        let stranger = try await Self.wrapping(Keys.master("k3", 3)).wrap(Keys.data())
        await #expect(throws: SealingError.unknownMasterKey("k3")) {
            try await wrapping.unwrap(stranger, owner: Keys.owner, version: 1)
        }
        try folder.remove("master-keys")
        await #expect(throws: VaultError.self) {
            try await wrapping.unwrap(stranger, owner: Keys.owner, version: 1)
        }
        _ = try await wrapping.unwrap(wrapped, owner: Keys.owner, version: 1)
    }

    @Test func `something wrapped that is no data key is refused`() async throws {
        let wrapping = try Self.wrapping(Keys.master("k1", 1))
        let context = DataKey.context(owner: Keys.owner, version: 1)
        for count in [0, 16, 31, 33, 64] {
            let wrapped = wrapping.wrap([UInt8](repeating: 9, count: count), context: context)
            await #expect(throws: SealingError.malformed) {
                try await wrapping.unwrap(wrapped, owner: Keys.owner, version: 1)
            }
        }
        let short = WrappedKey(masterKeyID: "k1", bytes: [1, 2, 3])
        await #expect(throws: SealingError.notAuthentic) {
            try await wrapping.unwrap(short, owner: Keys.owner, version: 1)
        }
    }

    @Test func `a wrapped key has one writing`() async throws {
        let good = try await Self.wrapping(Keys.master("k1", 1)).wrap(Keys.data()).text
        let body = String(good.dropFirst("wk1.k1.".utf8.count))
        let bad = [
            "", "wk1", "wk1.k1", "wk1.k1.", "wk1.." + body, "wk2.k1." + body, "wk1.K1." + body, "wk1.k-1." + body,
            "wk1.\(String(repeating: "k", count: 17))." + body, good + ".", good + "=", " " + good, good + "\n",
            "wk1.k1." + String(repeating: "A", count: 2048),
        ]
        for text in bad { #expect(throws: SealingError.malformed, "\(text)") { try WrappedKey(text) } }
        #expect(try WrappedKey(good).text == good)
    }
}
