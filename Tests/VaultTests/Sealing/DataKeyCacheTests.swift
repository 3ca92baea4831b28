import FoundationEssentials
import Synchronization
import Testing

@testable import Vault

@Suite struct DataKeyCacheTests {
    private struct Away: Error {}

    /// A clock that stands still until it is told.
    private final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)

        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func advance(_ seconds: Double) { time.withLock { $0 += .seconds(seconds) } }
    }

    private let clock = Clock()

    private func cache(capacity: Int = 10) -> DataKeyCache {
        DataKeyCache(capacity: capacity, now: { [clock] in clock.now })
    }

    @Test func `a key is unwrapped once, and each version of each owner is another`() async throws {
        let cache = cache()
        let (mine, newer, others) = (Keys.data(), Keys.data(version: 2), Keys.data(owner: UUID()))
        for key in [mine, newer, others] {
            let found = try await cache.key(owner: key.owner, version: key.version) { key }
            #expect(found.bytes === key.bytes)
        }
        for key in [mine, newer, others] {
            let found = try await cache.key(owner: key.owner, version: key.version) { throw Away() }
            #expect(found.bytes === key.bytes)
        }
        #expect(cache.key(owner: UUID(), version: 1) == nil && cache.key(owner: Keys.owner, version: 3) == nil)
        await #expect(throws: Away.self) { try await cache.key(owner: Keys.owner, version: 3) { throw Away() } }
    }

    @Test func `no key is held longer than 60 seconds, whenever it came and however often it is used`() {
        for offset in stride(from: 0.0, to: 60, by: 7) {
            let cache = cache()
            clock.advance(offset)
            let key = Keys.data()
            cache.insert(key)
            var held = 0.0
            while cache.key(owner: key.owner, version: 1) != nil {
                clock.advance(1)
                held += 1
            }
            #expect((30...60).contains(held), "after \(offset)")
        }
        let cache = cache()
        cache.insert(Keys.data())
        clock.advance(60)
        #expect(cache.key(owner: Keys.owner, version: 1) == nil && cache.count == 0)
    }

    @Test func `the 60 seconds begin when the key is asked for`() async throws {
        let cache = cache()
        let key = Keys.data()
        _ = try await cache.key(owner: key.owner, version: 1) {
            clock.advance(59)
            return key
        }
        clock.advance(1)
        #expect(cache.key(owner: key.owner, version: 1) == nil)
        _ = try await cache.key(owner: key.owner, version: 1) { key }
        #expect(cache.key(owner: key.owner, version: 1) != nil)

        // Also when it makes room for itself.
        let full = self.cache(capacity: 2)
        full.insert(Keys.data(owner: UUID()))
        _ = try await full.key(owner: key.owner, version: 1) {
            clock.advance(29)
            return key
        }
        #expect(full.key(owner: key.owner, version: 1) != nil)
        clock.advance(31)
        #expect(full.key(owner: key.owner, version: 1) == nil)
    }

    @Test func `no key outlives 60 seconds in a cache that is full, slow and busy`() async throws {
        var random = SystemRandomNumberGenerator()
        let cache = cache(capacity: 6)
        var askedAt: [UUID: ContinuousClock.Instant] = [:]
        let owners = (0..<8).map { _ in UUID() }
        for _ in 0..<5000 {
            let owner = owners[Int.random(in: 0..<8, using: &random)]
            let (asked, wait) = (clock.now, Double.random(in: 0...20, using: &random))
            var isNew = false
            _ = try await cache.key(owner: owner, version: 1) {
                clock.advance(wait)
                isNew = true
                return Keys.data(owner: owner)
            }
            if isNew { askedAt[owner] = asked }
            let age = try #require(askedAt[owner]).duration(to: asked)
            #expect(age < .seconds(60) && cache.count <= 6)
            clock.advance(Double.random(in: 0...5, using: &random))
        }
    }

    @Test func `a key that was forgotten is gone, also when it was just being unwrapped`() async throws {
        let cache = cache()
        let (mine, newer, others) = (Keys.data(), Keys.data(version: 2), Keys.data(owner: UUID()))
        for key in [mine, newer, others] { cache.insert(key) }
        cache.forget(owner: Keys.owner)
        #expect(cache.key(owner: Keys.owner, version: 1) == nil && cache.key(owner: Keys.owner, version: 2) == nil)
        #expect(cache.key(owner: others.owner, version: 1) != nil)
        _ = try await cache.key(owner: Keys.owner, version: 1) {
            cache.forget(owner: Keys.owner)
            return mine
        }
        #expect(cache.key(owner: Keys.owner, version: 1) == nil)
        cache.forgetAll()
        #expect(cache.count == 0)
    }

    @Test func `it never grows beyond its bound, and the newest keys are in it`() {
        let cache = cache()
        var keys: [DataKey] = []
        for _ in 0..<1000 {
            keys.append(Keys.data(owner: UUID()))
            cache.insert(keys[keys.count - 1])
            #expect(cache.count <= 10)
        }
        #expect(keys.suffix(5).allSatisfy { cache.key(owner: $0.owner, version: 1) != nil })
        #expect(cache.key(owner: keys[0].owner, version: 1) == nil)
    }

    @Test func `a dropped key's bytes go with it`() {
        let cache = cache()
        weak var bytes: KeyBytes?
        do {
            let key = Keys.data()
            bytes = key.bytes
            cache.insert(key)
        }
        #expect(bytes != nil)
        cache.forget(owner: Keys.owner)
        #expect(bytes == nil)
    }
}
