import Domain
import Jobs
import Postgres
import TestSupport
import Testing

@Suite struct RescueTests {
    @Test func `a job that takes down its worker three times is failed with the evidence`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            for attempt in 1...3 {
                let worker = try await engine.register()
                #expect(try await engine.store.claim([job.id], by: worker).first?.attempt == attempt)
                try await engine.bury(worker)
            }
            let found = try #require(try await engine.store.find(job.id, tenant: tenant))
            #expect(found.state == .failed && found.failure?.code == "worker_died")
            #expect(found.attempt == 3 && found.attemptsSpent == 0)
            let evidence = try await engine.owner.query(
                .init("test.deaths", "SELECT jsonb_array_length(deaths), deaths->0->>'host' FROM jobs"))[0]
            #expect(try evidence.int(0) == 3 && evidence.text(1) == "test")
        }
    }

    @Test func `a worker that lost touch and came back was not taken down by its jobs`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            for _ in 1...5 {
                let worker = try await engine.register()
                _ = try await engine.store.claim([job.id], by: worker)
                try await engine.bury(worker)
                try await engine.registry.survive(worker)
            }
            #expect(try await engine.store.find(job.id, tenant: tenant)?.state == .queued)
        }
    }

    @Test func `a start is not given back for ever`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            _ = try await engine.owner.execute(
                Statement("test.refunded", "UPDATE jobs SET attempt = 100, attempts_spent = 0, max_attempts = 2"))
            for _ in 1...2 {
                let worker = try await engine.register()
                #expect(try await engine.store.claim([job.id], by: worker).count == 1)
                try await engine.bury(worker)
                try await engine.registry.survive(worker)
            }
            let found = try #require(try await engine.store.find(job.id, tenant: tenant))
            #expect(found.state == .failed && found.attemptsSpent == 2)
        }
    }

    @Test func `a rescued job goes to the front of its list`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            var ids: [JobID] = []
            for _ in 0..<3 { ids.append(try await engine.accept(tenant: tenant).id) }
            let worker = try await engine.register()
            let other = try await engine.register()
            _ = try await engine.store.claim(engine.take(1, by: worker), by: worker)
            _ = try await engine.take(0, by: worker)
            try await engine.bury(worker)
            #expect(try await engine.take(3, by: other) == ids)
        }
    }

    @Test func `what does not start, or end, in time is failed and says which`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            var codes: [String] = []
            for isStart in [true, false] {
                var specification = try Noop().specification()
                if isStart { specification.startWithinSeconds = 0 } else { specification.finishWithinSeconds = 0 }
                let job = try await engine.intake.accept(NewJob(tenant: tenant, specification: specification))
                let worker = try await engine.register()
                #expect(try await engine.store.claim([job.id], by: worker).isEmpty)
                try await engine.rescuer.expire()
                codes.append(try await engine.store.find(job.id, tenant: tenant)?.failure?.code ?? "")
            }
            #expect(codes == ["expired", "deadline_exceeded"])
        }
    }

    @Test func `a batch's callback is made once, whoever notices its end`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let batch = BatchID.make()
            var member = try Noop().specification()
            member.batch = batch
            let callback = try Noop().specification()
            let members = try await engine.workerPool.transaction { [member] transaction in
                let members = try await engine.store.insert(
                    (0..<2).map { _ in NewJob(tenant: tenant, specification: member) }, in: transaction)
                try await engine.store.insertBatch(
                    batch, tenant: tenant, jobs: members.map(\.id), callback: callback, in: transaction)
                return members
            }
            #expect(try await engine.store.finishBatches([batch]).isEmpty)
            for job in members { _ = try await engine.intake.cancel(job.id, tenant: tenant) }
            let made = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await engine.store.finishBatches([batch]).count } }
                return try await group.reduce(0, +)
            }
            #expect(made == 1)
            #expect(try await engine.store.list(JobFilter(), tenant: tenant, limit: 10).count == 3)
        }
    }
}
