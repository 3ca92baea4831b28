package import FoundationEssentials
import Synchronization

/// Data keys that were unwrapped a moment ago, so that not every value costs a call of the key service.
///
/// Bounded in number, and in age: a key that was erased elsewhere is used here for 60 seconds at most. One that is
/// dropped is overwritten when its last user is done with it. An idle cache holds its last keys until it is asked
/// again.
package final class DataKeyCache: Sendable {
    package static let lifeSeconds = 60

    private let state: Mutex<DataKeyGenerations>
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - capacity: how many keys are held at most, from 2.
    ///   - now: the clock.
    package init(
        capacity: Int = 1000, now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        state = Mutex(DataKeyGenerations(capacity: capacity, life: .seconds(Self.lifeSeconds), start: now()))
        self.now = now
    }

    /// `nil` when it is not held.
    package func key(owner: UUID, version: Int) -> DataKey? {
        let now = now()
        return state.withLock { $0.key(DataKeyGenerations.Name(owner: owner, version: version), at: now) }
    }

    /// The key that is held, or else the one that `unwrapping` finds: read the row in it, and unwrap what it says.
    ///
    /// The 60 seconds begin before `unwrapping` does, and what it finds is not held when something was forgotten
    /// meanwhile.
    /// - Throws: what `unwrapping` throws.
    package func key(
        owner: UUID, version: Int, unwrapping: () async throws -> DataKey
    ) async throws -> DataKey {
        let asked = now()
        let name = DataKeyGenerations.Name(owner: owner, version: version)
        let (held, forgotten) = state.withLock { ($0.key(name, at: asked), $0.forgotten) }
        if let held { return held }
        let key = try await unwrapping()
        precondition(key.owner == owner && key.version == version, "another key than was asked for")
        let now = now()
        state.withLock { if $0.forgotten == forgotten { $0.insert(key, askedAt: asked, now: now) } }
        return key
    }

    /// Holds a key that was just made.
    package func insert(_ key: DataKey) {
        let now = now()
        state.withLock { $0.insert(key, askedAt: now, now: now) }
    }

    /// Drops all versions of the owner's key: after it was erased, or got a new version.
    package func forget(owner: UUID) { state.withLock { $0.forget { $0.owner == owner } } }

    /// Drops everything.
    package func forgetAll() { state.withLock { $0.forget { _ in true } } }

    var count: Int { state.withLock { $0.count } }
}
