import FoundationEssentials
import Logging
import Synchronization

/// Another issuer's published keys, got when they are needed. What to do is `KeySchedule`'s to say.
final class PublishedKeys: Sendable {
    private struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var schedule = KeySchedule()
        var waiters: [Waiter] = []
    }

    private static let maxBytes = 262_144
    private static let maxKeys = 100
    private static let maxWaiters = 1000

    private let fetch: @Sendable () async throws -> [UInt8]
    private let deadline: Duration
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let state = Mutex(State())
    private let numbers = Atomic<UInt64>(0)

    init(
        deadline: Duration, logger: Logger, now: @escaping @Sendable () -> Date,
        fetch: @escaping @Sendable () async throws -> [UInt8]
    ) {
        self.fetch = fetch
        self.deadline = deadline
        self.now = now
        self.logger = logger
    }

    var version: UInt64 { state.withLock { $0.schedule.version } }

    func isPublished(_ kid: String) -> Bool { state.withLock { $0.schedule.isPublished(kid) } }

    /// How many wait for somebody else's fetch.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// The key of that name, fetched if need be.
    ///
    /// - Throws: `TokenRefusal`, or `CancellationError`.
    func key(_ kid: String) async throws -> JSONWebKey {
        while true {
            switch state.withLock({ $0.schedule.step(kid: kid, now: now()) }) {
            case .use(let key): return key
            case .refuse(let refusal): throw refusal
            case .wait: try await waitForFetch()
            case .fetch:
                await fetchOnce()
                try Task.checkCancellation()
            }
        }
    }

    private func fetchOnce() async {
        let result: Result<[String: JSONWebKey], any Error>
        do {
            result = .success(try await Self.keys(fetchInTime()))
        } catch {
            result = .failure(error)
        }
        if case .failure(let error) = result, !Task.isCancelled {
            logger.error("The issuer's keys cannot be fetched", metadata: ["error": "\(error)"])
        }
        let isAbandoned = Task.isCancelled && (try? result.get()) == nil
        let waiters = state.withLock { state in
            if isAbandoned { state.schedule.abandoned() } else { state.schedule.fetched(try? result.get(), now: now()) }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume() }
    }

    private func fetchInTime() async throws -> [UInt8] {
        let (fetch, deadline) = (fetch, deadline)
        return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { try await fetch() }
            group.addTask {
                try await Task.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next() ?? nil else {
                throw VaultError.setting("no answer within \(deadline)")
            }
            return bytes
        }
    }

    private func waitForFetch() async throws {
        let number = numbers.add(1, ordering: .relaxed).newValue
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Void, any Error>? = state.withLock { state in
                    if !state.schedule.isFetching { return .success(()) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.waiters.count >= Self.maxWaiters { return .failure(TokenRefusal.keysUnavailable) }
                    state.waiters.append(Waiter(number: number, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Keys of other kinds and for other uses are passed over, as RFC 7517 section 5 wants; so are octets, which nobody
    /// publishes, and keys without a name, which no token can choose.
    private static func keys(_ bytes: [UInt8]) async throws -> [String: JSONWebKey] {
        guard bytes.count <= maxBytes, let elements = StrictJSON(bytes)?.object?["keys"]?.array else {
            throw VaultError.setting("not a JWK set of at most \(maxBytes) bytes")
        }
        var keys: [String: JSONWebKey] = [:]
        for element in elements.prefix(maxKeys) {
            guard let key = try? await JSONWebKey(element.object ?? [:]), let name = key.name,
                key.algorithm != .hs256, keys[name] == nil
            else { continue }
            keys[name] = key
        }
        return keys
    }
}
