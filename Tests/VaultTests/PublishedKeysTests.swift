import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import Vault

/// Many ask at once, some give up, and the issuer takes its time.
@Suite struct PublishedKeysTests {
    /// A fetch that goes on when the test says so.
    private final class Gate: Sendable {
        private struct State {
            var calls = 0
            var waiting: [CheckedContinuation<Void, Never>] = []
            var isOpen = false
        }
        private let state = Mutex(State())

        var calls: Int { state.withLock { $0.calls } }

        /// Waits until it is opened, also when cancelled: a fetch that does not listen.
        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.calls += 1
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waiting = state.withLock { state in
                state.isOpen = true
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private static func keys(
        deadline: Duration = .seconds(60), _ fetch: @escaping @Sendable () async throws -> [UInt8]
    ) -> PublishedKeys {
        PublishedKeys(deadline: deadline, logger: Logger(label: "test"), now: { TokenForge.now }, fetch: fetch)
    }

    @Test func `a hundred tokens at once are one fetch`() async throws {
        let key = try await SigningKey.generate(.es256).key
        let set = Array("{\"keys\":[\(key.publicText ?? "")]}".utf8)
        let gate = Gate()
        let keys = Self.keys {
            await gate.pass()
            return set
        }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await keys.key(key.kid).kid } }
            while gate.calls == 0 || keys.waiting < 99 { await Task.yield() }
            gate.open()
            for try await kid in group { #expect(kid == key.kid) }
        }
        #expect(gate.calls == 1)
    }

    @Test func `when who fetches gives up, another who waits takes over`() async throws {
        let key = try await SigningKey.generate(.es256).key
        let set = Array("{\"keys\":[\(key.publicText ?? "")]}".utf8)
        let calls = Mutex(0)
        let keys = Self.keys {
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            if call == 1 { try await Task.sleep(for: .seconds(600)) }
            return set
        }
        let first = Task { try await keys.key(key.kid) }
        while calls.withLock({ $0 }) == 0 { await Task.yield() }
        async let second = keys.key(key.kid).kid
        while keys.waiting == 0 { await Task.yield() }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(try await second == key.kid && calls.withLock { $0 } == 2)
    }

    @Test func `who waits can give up alone`() async throws {
        let gate = Gate()
        let keys = Self.keys {
            await gate.pass()
            return Array("{\"keys\":[]}".utf8)
        }
        let first = Task { try await keys.key("a") }
        while gate.calls == 0 { await Task.yield() }
        let second = Task { try await keys.key("a") }
        while keys.waiting == 0 { await Task.yield() }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        gate.open()
        await #expect(throws: TokenRefusal.unknownKey) { try await first.value }
        #expect(gate.calls == 1)
    }

    @Test func `a fetch that takes too long has failed`() async {
        let keys = Self.keys(deadline: .milliseconds(20)) {
            try await Task.sleep(for: .seconds(600))
            return []
        }
        await #expect(throws: TokenRefusal.keysUnavailable) { try await keys.key("a") }
    }
}
