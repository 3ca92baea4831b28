import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing

/// A Redis that is there and does not answer. The rows are durable without it, so nobody who asks waits for it.
@Suite(.serialized, .timeLimit(.minutes(3))) struct FrozenRedisTests {
    /// How long these clients wait: less than the 5 s that a command may wait for Redis.
    private static let impatient = HTTPDeadlines(total: .seconds(3))

    /// The statuses of posts, each with how often it came; a client that gave up counts as 0.
    private func statuses(_ client: APIClient, _ posts: [(path: String, body: String?)]) async -> [Int: Int] {
        await withTaskGroup(of: Int.self) { group in
            for post in posts {
                group.addTask {
                    let answer = try? await client.send(
                        "POST", "/api/v1" + post.path, body: post.body, deadlines: Self.impatient)
                    return answer?.status ?? 0
                }
            }
            return await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        }
    }

    /// Stops the process; returns when it stands still.
    private func freeze(_ server: ServerProcess) async throws {
        server.signal(SIGSTOP)
        while !(try Self.isFrozen(server)) { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the state stands behind the name in brackets.
    private static func isFrozen(_ server: ServerProcess) throws -> Bool {
        let text = try String(contentsOfFile: "/proc/\(server.processID)/stat", encoding: .utf8)
        return text.split(separator: ")").last?.hasPrefix(" T") == true
    }

    @Test func `while Redis is frozen, posts, retries and cancels are answered; all is done when it is back`()
        async throws
    {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        try await TestSystem.with(redisURL: redis.url) { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let failed = try await client.post(
                "/jobs", #"{"kind":"noop","payload":{"failures":1,"fail_with":"permanent"}}"#)
            #expect(try await client.end(of: failed.id).state == .failed)
            let running = try await client.post("/jobs", #"{"kind":"noop","payload":{"sleep_ms":600000}}"#)
            while try await client.job(running.id).state != .running { try await Task.sleep(for: .milliseconds(20)) }
            let noop = (path: "/jobs", body: #"{"kind":"noop"}"# as String?)
            let unique = (path: "/jobs", body: #"{"kind":"noop","delay_seconds":1,"unique":{"key":"u"}}"# as String?)
            try await freeze(server)
            let atOnce = await statuses(client, Array(repeating: noop, count: 40))
            // Redis is tried again now and then: each of these may be the one that tries.
            var after: [Int: Int] = [:]
            for post in [
                noop, ("/jobs/\(failed.id)/retry", nil), ("/jobs/\(running.id)/cancel", nil), unique,
                ("/batches", #"{"jobs":[{"kind":"noop"},{"kind":"noop"}]}"#),
                ("/chat/messages", #"{"message":"hello [[sim: tokens=3]]"}"#),
            ] {
                for (status, count) in await statuses(client, [post]) { after[status, default: 0] += count }
                try await Task.sleep(for: .milliseconds(700))
            }
            #expect(try Self.isFrozen(server))
            server.signal(SIGCONT)
            #expect(atOnce == [202: 40])
            #expect(after == [202: 6])
            #expect(try await client.end(of: running.id).state == .cancelled)
            let unfinished = "SELECT count(*) FROM jobs WHERE state NOT IN ('succeeded', 'cancelled')"
            while try await system.count(unfinished) > 0 { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try await system.count("SELECT count(*) FROM jobs WHERE state = 'succeeded'") == 46)
        }
        await server.killNow()
    }
}
