import Synchronization

@testable import Redis

/// Callers that never stop: each counts its own key up and asks for echoes, and checks that every answer is its own.
final class Load: Sendable {
    struct Tally: Sendable {
        var acknowledged = 0
        var failures: [String: Int] = [:]
        var unknownOutcomes = 0
        /// Answers that cannot belong to the command.
        var strangers = 0
        /// Attempts that ended later than their time allows.
        var late = 0
        var lastSuccess: ContinuousClock.Instant?
        /// Highest acknowledged and highest possible value by key.
        var bounds: [String: ClosedRange<Int>] = [:]
    }

    private let client: RedisClient
    private let keys: [String]
    private let isStopped = Atomic(false)
    private let tally = Mutex(Tally())

    init(_ client: RedisClient, keys: [String]) {
        self.client = client
        self.keys = keys
    }

    var current: Tally { tally.withLock { $0 } }

    /// Runs the callers while `body` does; returns the tally after the last one has its answer.
    func around(_ body: () async throws -> Void) async throws -> Tally {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for key in keys { group.addTask { await self.count(key) } }
            do { try await body() } catch {
                isStopped.store(true, ordering: .relaxed)
                throw error
            }
            isStopped.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        return current
    }

    private func count(_ key: String) async {
        var (acknowledged, unknown, number) = (0, 0, 0)
        while !isStopped.load(ordering: .relaxed) {
            number += 1
            let start = ContinuousClock.now
            do {
                let text = "\(key)/\(number)"
                let replies = try await client.pipeline([
                    RedisCommand(["INCR", RedisWord(key)]), RedisCommand(["ECHO", RedisWord(text)]),
                ])
                let value = replies[0].int
                if value != nil { acknowledged += 1 }
                record(replies, text: text, isOwn: value.map { $0 <= acknowledged + unknown } ?? true)
            } catch {
                let error = error as? RedisError
                if error?.isOutcomeUnknown == true { unknown += 1 }
                tally.withLock { tally in
                    tally.failures[error?.label ?? "other", default: 0] += 1
                    if error?.isOutcomeUnknown == true { tally.unknownOutcomes += 1 }
                }
            }
            if ContinuousClock.now - start > .milliseconds(6_500) { tally.withLock { $0.late += 1 } }
            tally.withLock { [acknowledged, unknown] in
                $0.bounds[key] = acknowledged...(acknowledged + unknown)
            }
        }
    }

    private func record(_ replies: [RedisReply], text: String, isOwn: Bool) {
        tally.withLock { tally in
            if case .error(let message) = replies[0] {
                tally.failures[message.split(separator: " ").first.map(String.init) ?? "", default: 0] += 1
            } else {
                tally.acknowledged += 1
                tally.lastSuccess = .now
            }
            if replies[1].string != text || !isOwn || (replies[0].int == nil && replies[0].string != nil) {
                tally.strangers += 1
            }
        }
    }
}
