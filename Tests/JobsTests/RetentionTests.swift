import Domain
import Foundation
import Postgres
import Store
import TestSupport
import Testing

@testable import Jobs

/// What is over goes, what is not stays, and nobody waits for it.
@Suite struct RetentionTests {
    private static let hour = 3600.0

    /// Jobs made `age` hours ago in one state; what ended did so as long ago.
    private func fill(
        _ count: Int, _ state: String, hoursAgo age: Double, discarded: Bool = false, _ engine: Engine
    ) async throws {
        var random = SystemRandomNumberGenerator()
        let made = Date() - age * Self.hour
        let ids = (0..<count).map { JobID.make(at: made + Double($0) / 1000, random: &random).uuid }
        _ = try await engine.owner.execute(
            Statement(
                "test.fill",
                """
                INSERT INTO jobs (id, tenant_id, queue, kind, payload, state, max_attempts, attempt_timeout_seconds,
                                  run_at, created_at, finished_at, failure, discarded_at)
                SELECT id, gen_random_uuid(), 'default', 'noop', '{}', $2, 5, 600, $3, $3,
                       CASE WHEN $2 IN ('succeeded', 'failed', 'cancelled') THEN $3 END,
                       CASE $2 WHEN 'failed'
                           THEN '{"kind":"permanent","code":"x","message":"y","burns_attempt":true}'::jsonb END,
                       CASE WHEN $4 THEN $3 END
                FROM unnest($1::uuid[]) AS id
                """),
            [.uuids(ids), .text(state), .timestamp(made), .bool(discarded)])
    }

    private func count(_ sql: String, _ engine: Engine) async throws -> Int {
        try await engine.owner.query(Statement("test.count.\(sql.hashValue)", sql))[0].int(0)
    }

    private func retention(_ engine: Engine) -> Retention {
        Retention(store: engine.store, periods: RetentionPeriods(), logger: TestStores.silent)
    }

    @Test func `each state has its own period`() async throws {
        try await Engine.with { engine in
            try await fill(3, "succeeded", hoursAgo: 169, engine)
            try await fill(3, "cancelled", hoursAgo: 169, engine)
            try await fill(3, "failed", hoursAgo: 721, engine)
            try await fill(3, "failed", hoursAgo: 25, discarded: true, engine)
            // Not yet.
            try await fill(1, "succeeded", hoursAgo: 167, engine)
            try await fill(1, "cancelled", hoursAgo: 167, engine)
            try await fill(1, "failed", hoursAgo: 719, engine)
            try await fill(1, "failed", hoursAgo: 23, discarded: true, engine)
            #expect(try await retention(engine).sweep() == 12)
            #expect(try await count("SELECT count(*) FROM jobs", engine) == 4)
        }
    }

    @Test func `what has not ended is never pruned, however old`() async throws {
        try await Engine.with { engine in
            for state in ["scheduled", "queued", "waiting"] {
                try await fill(5, state, hoursAgo: 20_000, engine)
            }
            let worker = try await engine.register()
            let running = try await engine.accept()
            _ = try await engine.store.claim([running.id], by: worker)
            try await engine.owner.script("UPDATE jobs SET created_at = now() - interval '3 years'")
            #expect(try await retention(engine).sweep() == 0)
            #expect(try await count("SELECT count(*) FROM jobs", engine) == 16)
        }
    }

    @Test func `a job that was made long ago and ended just now stays`() async throws {
        try await Engine.with { engine in
            try await fill(5, "succeeded", hoursAgo: 5_000, engine)
            try await engine.owner.script("UPDATE jobs SET finished_at = now()")
            #expect(try await retention(engine).sweep() == 0)
        }
    }

    @Test func `a row that somebody holds is left for the next walk, and nobody waits`() async throws {
        try await Engine.with { engine in
            try await fill(10, "succeeded", hoursAgo: 200, engine)
            let held = Statement("test.hold", "SELECT id FROM jobs ORDER BY id LIMIT 4 FOR UPDATE")
            try await engine.owner.transaction { transaction in
                _ = try await transaction.query(held)
                #expect(try await retention(engine).sweep() == 6)
            }
            #expect(try await retention(engine).sweep() == 4)
        }
    }

    @Test func `the messages of a pruned job stay, and the history of its retries goes`() async throws {
        try await Engine.with { engine in
            try await fill(1, "succeeded", hoursAgo: 200, engine)
            try await engine.owner.script(
                """
                INSERT INTO conversations (id, tenant_id, title) SELECT gen_random_uuid(), tenant_id, 'kept' FROM jobs;
                INSERT INTO messages (conversation_id, turn, role, id, tenant_id, content, job_id)
                SELECT conversations.id, 1, 'user', gen_random_uuid(), jobs.tenant_id, 'kept', jobs.id
                FROM conversations, jobs;
                INSERT INTO job_retries (job_id, retry, tenant_id, from_state, attempt, retried_by)
                SELECT id, 1, tenant_id, 'failed', 1, 'somebody' FROM jobs
                """)
            #expect(try await retention(engine).sweep() == 1)
            #expect(try await count("SELECT count(*) FROM messages", engine) == 1, "messages stay")
            #expect(try await count("SELECT count(*) FROM job_retries", engine) == 0, "a job's history goes with it")
        }
    }

    @Test func `graves, open gates and ended batches go after their time`() async throws {
        try await Engine.with { engine in
            var random = SystemRandomNumberGenerator()
            let old = BatchID.make(at: Date() - 200 * Self.hour, random: &random)
            let unfinished = BatchID.make(at: Date() - 200 * Self.hour, random: &random)
            try await engine.owner.script(
                """
                INSERT INTO buried_workers (id, host, pid, queues, buried_at)
                SELECT gen_random_uuid(), 'h', 1, '{}', now() - n * interval '100 hours'
                FROM generate_series(1, 2) AS n;
                INSERT INTO gates (key, closed_until, code)
                SELECT 'g' || n, now() - n * interval '100 hours', 'c' FROM generate_series(1, 2) AS n;
                INSERT INTO batches (id, tenant_id, job_ids, finished_at)
                VALUES ('\(old)', gen_random_uuid(), ARRAY[gen_random_uuid()], now() - interval '190 hours'),
                       ('\(unfinished)', gen_random_uuid(), ARRAY[gen_random_uuid()], NULL)
                """)
            #expect(try await engine.store.pruneRecords(RetentionPeriods()) == 3)
            #expect(try await count("SELECT count(*) FROM batches", engine) == 1)
            #expect(try await count("SELECT count(*) FROM gates", engine) == 1)
            #expect(try await count("SELECT count(*) FROM buried_workers", engine) == 1)
        }
    }

    @Test func `several prune at once: they take turns, and a kept row is read once a walk`() async throws {
        try await Engine.with { engine in
            try await fill(5_000, "succeeded", hoursAgo: 400, engine)
            try await fill(5_000, "failed", hoursAgo: 300, engine)
            let steps = try await withThrowingTaskGroup(of: [JobStore.Pruning].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var steps: [JobStore.Pruning] = []
                        while steps.last?.isEnd != true {
                            if let step = try await engine.store.prune(RetentionPeriods()) { steps.append(step) }
                            if try await count("SELECT count(*) FROM prunings WHERE next_at > now() + '30 s'", engine)
                                == 1
                            {
                                break
                            }
                        }
                        return steps
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(steps.reduce(0) { $0 + $1.pruned } == 5_000)
            #expect(steps.reduce(0) { $0 + $1.looked } == 10_000)
            #expect(steps.count { $0.isEnd } == 1)
        }
    }

    @Test func `a hundred thousand old jobs go while others are accepted and run`() async throws {
        try await Engine.with { engine in
            for part in 0..<10 { try await fill(10_000, "succeeded", hoursAgo: 500 + Double(part), engine) }
            let worker = try await engine.register()
            let isPruning = Pruned()
            let slowest = try await withThrowingTaskGroup(of: Duration?.self) { group in
                group.addTask {
                    await isPruning.finish(with: try await retention(engine).sweep())
                    return nil
                }
                group.addTask {
                    var slowest = Duration.zero
                    while await isPruning.count == nil {
                        let started = ContinuousClock.now
                        let job = try await engine.accept()
                        let claimed = try await engine.store.claim([job.id], by: worker)
                        #expect(claimed.count == 1)
                        let settling = Settling(
                            job: job.id, attempt: 1, settlement: Settlement(state: .succeeded), lastSequence: nil)
                        #expect(try await engine.store.settle([settling], by: worker) == [.succeeded])
                        slowest = max(slowest, .now - started)
                    }
                    return slowest
                }
                return try await group.reduce(Duration.zero) { max($0, $1 ?? .zero) }
            }
            #expect(await isPruning.count == 100_000)
            #expect(slowest < .seconds(5), "a job had to wait \(slowest)")
            let old = "SELECT count(*) FROM jobs WHERE created_at < now() - '1 h'::interval"
            #expect(try await count(old, engine) == 0)
        }
    }

    private actor Pruned {
        var count: Int?
        func finish(with count: Int) { self.count = count }
    }
}
