import Domain
import Jobs
import TestSupport
import Testing

@Suite struct OrderingTests {
    @Test func `jobs of one key run one after the other, in the order they were accepted`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            var ids: [JobID] = []
            for _ in 0..<4 { ids.append(try await engine.accept(tenant: tenant, key: "k").id) }
            let worker = try await engine.register()
            for id in ids {
                // Whatever is offered, in whatever order, only the next one is let in.
                let claimed = try await engine.store.claim(ids.reversed(), by: worker)
                #expect(claimed.map(\.id) == [id])
                #expect(try await engine.store.claim(ids, by: worker).isEmpty)
                _ = try await engine.store.settle(
                    [Settling(job: id, attempt: 1, settlement: Settlement(state: .succeeded), lastSequence: nil)],
                    by: worker)
            }
            #expect(try await engine.store.nextInOrder(after: [(tenant, "noop:k")]).isEmpty)
        }
    }

    @Test func `a job that rests keeps the others of its key waiting`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let first = try await engine.accept(tenant: tenant, key: "k")
            let second = try await engine.accept(tenant: tenant, key: "k")
            let worker = try await engine.register()
            _ = try await engine.store.claim([first.id], by: worker)
            let rest = Settlement(state: .scheduled, delaySeconds: 3600)
            _ = try await engine.store.settle(
                [Settling(job: first.id, attempt: 1, settlement: rest, lastSequence: nil)], by: worker)
            #expect(try await engine.store.claim([second.id], by: worker).isEmpty)
            #expect(try await engine.store.nextInOrder(after: [(tenant, "noop:k")]).isEmpty)
            // Nor does the reconciler push what must wait.
            let list = QueuedJob(second).list
            #expect(try await engine.store.overdue(list, graceMilliseconds: 0, limit: 10).isEmpty)
            let heads = try await engine.store.heads(queue: .default, after: nil, graceMilliseconds: 0, limit: 10)
            #expect(heads.map(\.head) == [nil])
            // Ending the first one, by hand, lets the second in.
            _ = try await engine.intake.cancel(first.id, tenant: tenant)
            #expect(try await engine.store.claim([second.id], by: worker).map(\.id) == [second.id])
        }
    }

    @Test func `keys of different tenants have nothing to do with each other`() async throws {
        try await Engine.with { engine in
            var ids: [JobID] = []
            for _ in 0..<3 { ids.append(try await engine.accept(key: "k").id) }
            let worker = try await engine.register()
            #expect(Set(try await engine.store.claim(ids, by: worker).map(\.id)) == Set(ids))
        }
    }

    @Test func `many workers racing for one key never run two of its jobs at once`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            var ids: [JobID] = []
            for _ in 0..<20 { ids.append(try await engine.accept(tenant: tenant, key: "k").id) }
            let all = ids
            var workers: [WorkerID] = []
            for _ in 0..<4 { workers.append(try await engine.register()) }
            for id in all {
                let claimed = try await withThrowingTaskGroup(of: [(JobID, WorkerID)].self) { group in
                    for worker in workers {
                        group.addTask { try await engine.store.claim(all, by: worker).map { ($0.id, worker) } }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(claimed.map(\.0) == [id])
                guard let (job, worker) = claimed.first else { return }
                _ = try await engine.store.settle(
                    [Settling(job: job, attempt: 1, settlement: Settlement(state: .succeeded), lastSequence: nil)],
                    by: worker)
            }
        }
    }
}
