import Domain
import Jobs
import Postgres
import TestSupport
import Testing

/// Limits hold over all workers, and what a gate holds back is only what shares it.
@Suite struct LimitTests {
    private func set(_ sql: String, _ values: [PostgresValue], _ engine: Engine) async throws {
        _ = try await engine.owner.execute(Statement("test.set", sql), values)
    }

    private func accept(_ count: Int, tenant: TenantID = .make(), key: String? = nil, _ engine: Engine) async throws
        -> [QueuedJob]
    {
        var specification = try Noop().specification()
        specification.concurrencyKey = key
        let new = (0..<count).map { _ in NewJob(tenant: tenant, specification: specification) }
        return try await engine.store.insert(new).map { QueuedJob($0) }
    }

    private func end(_ jobs: [ClaimedJob], by worker: WorkerID, _ engine: Engine) async throws {
        let settlings = jobs.map {
            Settling(
                job: $0.id, attempt: $0.attempt, settlement: Settlement(state: .succeeded, result: Array("{}".utf8)),
                lastSequence: nil)
        }
        _ = try await engine.store.settle(settlings, by: worker)
    }

    /// Several workers claim at the same time; returns what each got.
    private func race(_ jobs: [QueuedJob], _ workers: [WorkerID], _ engine: Engine) async throws -> [[ClaimedJob]] {
        try await withThrowingTaskGroup(of: [ClaimedJob].self) { group in
            for worker in workers {
                group.addTask { try await engine.store.claimLimited(jobs.shuffled(), queue: .default, by: worker) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func `a queue's limit holds however many workers claim`() async throws {
        try await Engine.with { engine in
            try await set("INSERT INTO queues (name, max_running) VALUES ('default', 7)", [], engine)
            let jobs = try await accept(40, engine)
            var workers: [WorkerID] = []
            for _ in 0..<4 { workers.append(try await engine.register()) }
            let first = try await race(jobs, workers, engine).flatMap(\.self)
            #expect(first.count == 7)
            #expect(try await race(jobs, workers, engine).flatMap(\.self).isEmpty)
        }
    }

    @Test func `a tenant's limit leaves the others alone`() async throws {
        try await Engine.with { engine in
            let limited = TenantID.make()
            try await set(
                "INSERT INTO tenant_shares (tenant_id, max_running) VALUES ($1, 2)", [.uuid(limited.uuid)], engine)
            let theirs = try await accept(10, tenant: limited, engine)
            let others = try await accept(10, engine)
            let jobs = theirs + others
            let worker = try await engine.register()
            let claimed = try await engine.store.claimLimited(jobs, queue: .default, by: worker)
            #expect(claimed.count { $0.tenant == limited } == 2 && claimed.count == 12)
            let first = try #require(claimed.first { $0.tenant == limited })
            try await end([first], by: worker, engine)
            let next = try await engine.store.claimLimited(jobs, queue: .default, by: worker)
            #expect(next.count == 1 && next[0].tenant == limited)
        }
    }

    @Test func `a concurrency key's limit holds for each key of the class`() async throws {
        try await Engine.with { engine in
            try await set("INSERT INTO concurrency_limits (class, max_running) VALUES ('google', 2)", [], engine)
            let tenant = TenantID.make()
            let one = try await accept(5, tenant: tenant, key: "google:1", engine)
            let two = try await accept(5, tenant: tenant, key: "google:2", engine)
            let free = try await accept(5, tenant: tenant, key: "other:1", engine)
            let workers = [try await engine.register(), try await engine.register()]
            let claimed = try await race(one + two + free, workers, engine).flatMap(\.self)
            let keys = Dictionary(grouping: claimed, by: \.concurrencyKey).mapValues(\.count)
            #expect(keys == ["google:1": 2, "google:2": 2, "other:1": 5])
            let delays = try await engine.store.delayed(one.map(\.id))
            #expect(delays.values.allSatisfy { $0 == .key } && delays.count == 3)
            // What has no place is not pushed again and again; the end of one makes room for the next.
            let list = one[0].list
            #expect(try await engine.store.overdue(list, graceMilliseconds: 0, limit: 100).isEmpty)
            #expect(try await engine.store.nextOfKeys([(tenant, "google:1")]).count == 3)
            // The plain claim leaves them alone.
            #expect(try await engine.store.claim(one.map(\.id), by: workers[0]).isEmpty)
        }
    }

    @Test func `a closed gate holds back what shares it, costs no attempt, and opens by itself`() async throws {
        try await Engine.with { engine in
            var gated = try Noop().specification()
            gated.gate = "llm:m"
            let tenant = TenantID.make()
            let held = try await engine.store.insert([NewJob(tenant: tenant, specification: gated)])[0]
            let other = try await accept(1, tenant: tenant, engine)[0]
            try await engine.store.close([.init(key: "llm:m", seconds: 1.0, code: "rate_limited")])
            let worker = try await engine.register()
            #expect(try await engine.store.claim([held.id, other.id], by: worker).map(\.id) == [other.id])
            #expect(try await engine.store.delayed([held.id]) == [held.id: .gate])
            let resting = try #require(try await engine.store.find(held.id, tenant: tenant))
            #expect(resting.state == .scheduled && resting.attempt == 0)
            // A shorter closing does not open it sooner.
            try await engine.store.close([.init(key: "llm:m", seconds: 0, code: "rate_limited")])
            try await Task.sleep(for: .milliseconds(2300))
            #expect(try await engine.store.promote(limit: 10).map(\.id) == [held.id])
            #expect(try await engine.store.claim([held.id], by: worker).map(\.attempt) == [1])
        }
    }

    @Test func `what is held back in Redis is let go by time, or at once`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            let worker = try await engine.register()
            let taken = try await engine.queue.take(upTo: 1, from: .default, by: worker, claimed: true).jobs
            #expect(taken.map(\.id) == [job.id])
            _ = try await engine.queue.giveBack(
                taken, queue: .default, by: worker, hold: (.tenant(tenant), milliseconds: 60_000))
            let other = try await engine.accept()
            #expect(try await engine.take(5, by: worker) == [other.id])
            try await engine.queue.release([.tenant(tenant)], queue: .default)
            #expect(try await engine.take(5, by: worker) == [job.id])
            _ = try await engine.queue.giveBack(taken, queue: .default, by: worker, hold: (.queue, milliseconds: 200))
            #expect(try await engine.take(5, by: worker).isEmpty)
            try await Task.sleep(for: .milliseconds(250))
            #expect(try await engine.take(5, by: worker) == [job.id])
        }
    }

    @Test func `settings are read for what differs from the default`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            try await set("INSERT INTO queues (name, paused_at) VALUES ('default', now())", [], engine)
            try await set(
                "INSERT INTO tenant_shares (tenant_id, weight) VALUES ($1, 2.5)", [.uuid(tenant.uuid)], engine)
            let settings = try await engine.store.settings()
            #expect(settings.pausedQueues == [.default] && settings.limitedQueues.isEmpty)
            #expect(settings.weights == [tenant: 2.5] && settings.limitedTenants.isEmpty)
        }
    }
}
