import Domain
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Jobs

/// What operators see of the queues.
@Suite struct StatsTests {
    private func queue(_ name: String, _ states: QueueStates) throws -> QueueStates.Queue {
        try #require(states.queues.first { $0.name == name })
    }

    /// Writes rows as they would be after a while; `set` may change what a queued job looks like.
    private func fill(
        _ count: Int, tenant: TenantID, queue: String = "default", state: String = "queued", _ engine: Engine
    ) async throws {
        let isEnd = ["failed", "succeeded", "cancelled"].contains(state)
        _ = try await engine.owner.execute(
            Statement(
                "test.fill",
                """
                INSERT INTO jobs (id, tenant_id, queue, kind, payload, state, max_attempts, attempt_timeout_seconds,
                                  run_at, created_at, finished_at, failure)
                SELECT gen_random_uuid(), $1, $2, 'noop', '{}', $3, 5, 600, now() - interval '100 seconds', now(),
                       CASE WHEN $4 THEN now() END,
                       CASE WHEN $4 THEN '{"kind":"permanent","code":"x","message":"y","burns_attempt":true}'::jsonb END
                FROM generate_series(1, $5)
                """),
            [.uuid(tenant.uuid), .text(queue), .text(state), .bool(isEnd), .int(count)])
    }

    @Test func `jobs are counted by queue, tenant and state`() async throws {
        try await Engine.with { engine in
            let (one, two) = (TenantID.make(), TenantID.make())
            try await fill(70, tenant: one, engine)
            try await fill(5, tenant: two, engine)
            try await fill(3, tenant: two, queue: "chat", state: "scheduled", engine)
            try await fill(2, tenant: two, queue: "chat", state: "waiting", engine)
            try await fill(4, tenant: one, queue: "chat", state: "failed", engine)
            let worker = try await engine.register()
            let job = try await engine.accept(tenant: two)
            _ = try await engine.store.claim([job.id], by: worker)

            let states = try await engine.store.countQueues()
            let queue = try queue("default", states)
            #expect(queue.all.queued == Tally(75))
            #expect(queue.all.running == Tally(1))
            #expect(queue.tenants.map(\.id) == [one, two])
            #expect(queue.tenants[0].backlog.queued == Tally(70))
            #expect(queue.tenants[1].backlog.running == Tally(1))
            #expect((99...160).contains(try #require(queue.all.oldestSeconds)))
            let chat = try self.queue("chat", states)
            #expect(chat.all.scheduled == Tally(3) && chat.all.waiting == Tally(2) && chat.all.dead == Tally(4))
            #expect(chat.all.oldestSeconds == nil && chat.all.drainSeconds == 0)
            #expect(states.workers == 1 && states.buriedWorkers == 0)
        }
    }

    @Test func `a failed job that was discarded is not dead`() async throws {
        try await Engine.with { engine in
            try await fill(3, tenant: .make(), state: "failed", engine)
            try await engine.owner.script(
                "UPDATE jobs SET discarded_at = now() WHERE id IN (SELECT id FROM jobs LIMIT 1)")
            let states = try await engine.store.countQueues()
            #expect(try queue("default", states).all.dead == Tally(2))
        }
    }

    @Test func `where counting stops, the number says so`() async throws {
        try await Engine.with { engine in
            try await fill(JobStore.otherStates + 10, tenant: .make(), state: "waiting", engine)
            let states = try await engine.store.countQueues()
            #expect(try queue("default", states).all.waiting == Tally(JobStore.otherStates, isCapped: true))
        }
    }

    @Test func `rates come from what the workers say, and give the time to drain`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            try await fill(120, tenant: tenant, engine)
            for finished in [20, 40] {
                let worker = try await engine.register()
                let recent = RecentWork()
                for _ in 0..<finished { recent.ended(.default, tenant, .succeeded, now: .now + .seconds(59)) }
                recent.ended(.default, .make(), .scheduled, now: .now + .seconds(59))
                try await engine.registry.tell(recent.report(now: .now + .seconds(60)), of: worker)
            }
            let queue = try queue("default", try await engine.store.countQueues())
            #expect(queue.all.recent.finished == 60 && queue.all.recent.retries == 2)
            #expect(queue.all.recent.attempts == 62)
            #expect(queue.all.drainSeconds == 120)
            #expect(queue.tenants.first { $0.id == tenant }?.backlog.recent.finished == 60)
        }
    }

    @Test func `what was counted is told again for a while, with the settings of now`() async throws {
        try await Engine.with { engine in
            try await fill(1, tenant: .make(), engine)
            let first = try await engine.store.queueStates()
            try await fill(1, tenant: .make(), engine)
            try await engine.store.setPaused(true, queue: .default)
            try await engine.store.setLimit(3, queue: .chat)
            let second = try await engine.store.queueStates(maxAge: .seconds(3600))
            #expect(second.countedAt == first.countedAt || abs(second.countedAt.timeIntervalSince(first.countedAt)) < 1)
            let queue = try queue("default", second.states)
            #expect(queue.all.queued == Tally(1) && queue.isPaused)
            #expect(try self.queue("chat", second.states).maxRunning == 3)
        }
    }

    @Test func `many who ask at once make one count`() async throws {
        try await Engine.with { engine in
            try await fill(10, tenant: .make(), engine)
            let all = try await withThrowingTaskGroup(of: CountedStates.self) { group in
                for _ in 0..<12 { group.addTask { try await engine.store.queueStates() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(all.count == 12)
            #expect(all.allSatisfy { $0.states.queues.map(\.name) == ["default"] })
        }
    }
}
