import Domain
import Foundation
import Postgres
import TestSupport
import Testing

/// Limits, pauses and fairness with whole processes.
@Suite(.serialized) struct LimitTests {
    private func execute(_ sql: String, _ system: TestSystem) async throws {
        _ = try await system.owner.execute(Statement("test.\(sql.hashValue)", sql))
    }

    /// The most of some jobs that ever ran at the same time, by their rows.
    private static let most = """
        SELECT max(running) FROM (
            SELECT sum(change) OVER (ORDER BY at, change) AS running FROM (
                SELECT started_at AS at, 1 AS change FROM jobs WHERE kind = 'noop'
                UNION ALL SELECT finished_at, -1 FROM jobs WHERE kind = 'noop') AS changes) AS sums
        """

    /// How long a place that was left stayed empty: the median over all ends with three starts still to come, in
    /// milliseconds. The n-th end makes room for the start after next but one.
    private static let gap = """
        SELECT (extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY started - finished)) * 1000)::int8
        FROM (SELECT finished_at AS finished, row_number() OVER (ORDER BY finished_at) AS n FROM jobs) AS ends
        JOIN (SELECT started_at AS started, row_number() OVER (ORDER BY started_at) - 3 AS n FROM jobs) AS starts
        USING (n)
        """

    @Test func `a queue's limit holds over all workers, and its jobs do not wait longer than they must`() async throws {
        try await TestSystem.with { system in
            try await execute("INSERT INTO queues (name, max_running) VALUES ('default', 3)", system)
            let (_, client) = try await system.startGateway()
            for _ in 0..<3 { _ = try await system.startWorker(concurrency: 8) }
            var ids: [JobID] = []
            for _ in 0..<60 {
                ids.append(try await client.post("/jobs", #"{"kind":"noop","payload":{"sleep_ms":100}}"#).id)
            }
            for id in ids { #expect(try await client.end(of: id).state == .succeeded) }
            #expect(try await system.count(Self.most) <= 3)
            // A place that is left is taken because its leaving is told, not because somebody looks again in a second.
            let waited = try await system.count(Self.gap)
            #expect(waited < 900, "a place stayed empty for \(waited) ms")
        }
    }

    @Test func `a paused queue starts nothing, and goes on when resumed`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            try await execute("INSERT INTO queues (name, paused_at) VALUES ('default', now())", system)
            try await Task.sleep(for: .milliseconds(1500))
            let job = try await client.post("/jobs", #"{"kind":"noop"}"#)
            let chat = try await client.ask("go on [[sim: tokens=3]]")
            #expect(try await client.end(of: chat.id).state == .succeeded, "another queue must not be held up")
            #expect(try await client.job(job.id).state == .queued)
            try await execute("UPDATE queues SET paused_at = NULL", system)
            #expect(try await client.end(of: job.id).state == .succeeded)
        }
    }

    @Test func `a provider's rate limit holds back all who share it, and nobody loses an attempt`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let limited = try await client.ask("first [[sim: tokens=3 fault=429 times=1 retry_after=2]]")
            _ = try await system.providerRequests("first")
            while try await system.count("SELECT count(*) FROM gates WHERE closed_until > now()") == 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
            let asked = ContinuousClock.now
            let second = try await client.ask("second [[sim: tokens=3]]")
            let free = try await client.post("/jobs", #"{"kind":"noop"}"#)
            #expect(try await client.end(of: free.id).state == .succeeded)
            #expect(ContinuousClock.now - asked < .seconds(1), "what does not share the quota waited")
            for id in [limited.id, second.id] {
                let ended = try await client.end(of: id)
                #expect(ended.state == .succeeded)
                #expect(ended.attempts_spent == 1)
            }
            #expect(ContinuousClock.now - asked > .seconds(1), "the gate let a request through")
            #expect(try await system.providerRequests("second").count == 1)
        }
    }
}
