import Synchronization

/// What was asked of the database a moment ago, so that not every request asks again. Bounded, and never older than a
/// given age.
///
/// An answer that was on its way while its key was forgotten is not kept: it may tell what was true before.
final class RecentAnswers<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value
        var askedAt: ContinuousClock.Instant
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        /// Counts what was forgotten.
        var forgotten = 0
    }

    private let state = Mutex(State())
    private let maxAge: Duration
    private let maxEntries: Int
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameter now: the clock.
    init(
        maxAge: Duration, maxEntries: Int = 50_000,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.maxAge = maxAge
        self.maxEntries = maxEntries
        self.now = now
    }

    /// The answer for a key, asking when there is none that is young enough.
    func answer(_ key: Key, ask: () async throws -> Value) async throws -> Value {
        let askedAt = now()
        let (known, forgotten) = state.withLock { state in
            let entry = state.entries[key].flatMap { askedAt - $0.askedAt < maxAge ? $0.value : nil }
            return (entry, state.forgotten)
        }
        if let known { return known }
        let value = try await ask()
        state.withLock { state in
            guard state.forgotten == forgotten else { return }
            makeRoom(&state, askedAt)
            state.entries[key] = Entry(value: value, askedAt: askedAt)
        }
        return value
    }

    /// Drops what is too old to be told; all of it when that is not enough.
    private func makeRoom(_ state: inout State, _ moment: ContinuousClock.Instant) {
        guard state.entries.count >= maxEntries else { return }
        state.entries = state.entries.filter { moment - $0.value.askedAt < maxAge }
        if state.entries.count >= maxEntries { state.entries.removeAll(keepingCapacity: true) }
    }

    func forget(where matches: (Key) -> Bool) {
        state.withLock { state in
            state.forgotten += 1
            state.entries = state.entries.filter { !matches($0.key) }
        }
    }
}
