import Domain
import Jobs
import Redis
import TestSupport
import Testing

/// The lists follow the table, whatever Redis forgets and however much waits.
@Suite struct FeederTests {
    /// As FLUSHALL does, but only for this test's keys.
    private func forget(_ engine: Engine) async throws {
        let pattern = RedisWord("\(engine.stores.prefix):*")
        let found = try await engine.redis.send(RedisCommand(["KEYS", pattern])).array ?? []
        let keys = found.compactMap(\.string).map { RedisWord($0) }
        if !keys.isEmpty { _ = try await engine.redis.send(RedisCommand(["DEL"] + keys)) }
    }

    private func accept(_ count: Int, _ tenant: TenantID, _ engine: Engine) async throws -> [Job] {
        let specification = try Noop().specification()
        var jobs: [Job] = []
        while jobs.count < count {
            let part = min(2000, count - jobs.count)
            jobs += try await engine.store.insert(
                (0..<part).map { _ in NewJob(tenant: tenant, specification: specification) })
        }
        return jobs
    }

    private func scan(_ engine: Engine, graceMilliseconds: Int = 0) async throws {
        var round = Feeder.Round()
        for _ in 0..<2 { try await engine.feeder.scan(.default, &round, graceMilliseconds: graceMilliseconds) }
        #expect(round.last == nil)
    }

    /// Everything there is to take, feeding as a taker does.
    private func takeAll(_ engine: Engine) async throws -> [JobID] {
        let worker = try await engine.register()
        var taken: [JobID] = []
        while true {
            let part = try await engine.queue.take(upTo: 1000, from: .default, by: worker, claimed: true)
            if part.jobs.isEmpty, part.hungry.isEmpty { return taken }
            let claimed = Set(try await engine.store.claim(part.jobs.map(\.id), by: worker).map(\.id))
            taken += part.jobs.map(\.id).filter { claimed.contains($0) }
            for list in part.hungry { try await engine.feeder.feed(list) }
        }
    }

    @Test func `what Redis lost is pushed again, once and in order`() async throws {
        try await Engine.with { engine in
            let jobs = try await accept(2500, .make(), engine)
            try await engine.queue.push(jobs.map { QueuedJob($0) })
            try await forget(engine)
            try await scan(engine)
            try await scan(engine)
            #expect(try await engine.queue.depth(QueuedJob(jobs[0]).list) == 2500)
            #expect(try await takeAll(engine) == jobs.map(\.id))
        }
    }

    @Test func `a list holds a bounded part of what waits, and all of it is taken in order`() async throws {
        try await Engine.with { engine in
            let jobs = try await accept(25_000, .make(), engine)
            for part in stride(from: 0, to: jobs.count, by: 5000) {
                try await engine.queue.push(jobs[part..<part + 5000].map { QueuedJob($0) })
            }
            #expect(try await engine.queue.depth(QueuedJob(jobs[0]).list) == JobQueue.listLength)
            #expect(try await takeAll(engine) == jobs.map(\.id))
        }
    }

    @Test func `a long list that Redis lost comes back in order, without more than its bound`() async throws {
        try await Engine.with { engine in
            let jobs = try await accept(12_000, .make(), engine)
            try await forget(engine)
            try await scan(engine)
            let depth = try await engine.queue.depth(QueuedJob(jobs[0]).list)
            #expect(depth >= 5000 && depth <= JobQueue.listLength)
            // Accepted meanwhile: behind the others.
            let late = try await accept(1, jobs[0].tenant, engine)
            try await engine.queue.push(late.map { QueuedJob($0) })
            #expect(try await takeAll(engine) == (jobs + late).map(\.id))
        }
    }

    @Test func `every tenant's and every priority's list comes back`() async throws {
        try await Engine.with { engine in
            var expected = Set<JobID>()
            for _ in 0..<40 {
                let tenant = TenantID.make()
                for priority in JobPriority.allCases {
                    var specification = try Noop().specification()
                    specification.priority = priority
                    let job = NewJob(tenant: tenant, specification: specification)
                    expected.insert(try await engine.intake.accept(job).id)
                }
            }
            try await forget(engine)
            try await scan(engine)
            let taken = try await takeAll(engine)
            #expect(Set(taken) == expected && taken.count == expected.count)
        }
    }

    @Test func `a young job is given time to arrive`() async throws {
        try await Engine.with { engine in
            let job = try await engine.accept()
            try await forget(engine)
            try await scan(engine, graceMilliseconds: 60_000)
            #expect(try await engine.queue.depth(QueuedJob(job).list) == 0)
        }
    }

    @Test func `a job that is in its list already is not pushed again`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            _ = try await engine.accept(tenant: tenant)
            try await scan(engine)
            #expect(try await engine.queue.depth(QueuedJob(job).list) == 2)
        }
    }
}
