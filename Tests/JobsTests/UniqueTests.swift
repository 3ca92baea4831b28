import Domain
import Foundation
import Jobs
import Postgres
import TestSupport
import Testing

@Suite struct UniqueTests {
    private func job(
        _ onConflict: Uniqueness.OnConflict, _ scope: Uniqueness.Scope = .unfinished, sleep: Int? = nil,
        _ change: (inout JobSpecification) -> Void = { _ in }
    ) throws -> JobSpecification {
        var specification = try Noop(sleepMilliseconds: sleep).specification()
        specification.unique = Uniqueness(key: "calendar:1", scope: scope, onConflict: onConflict)
        change(&specification)
        return specification
    }

    private func accept(
        _ engine: Engine, _ tenant: TenantID, _ specification: JobSpecification
    ) async throws -> (job: Job, isNew: Bool) {
        switch try await engine.intake.accept(tenant: tenant, key: nil, rows: { _ in specification }) {
        case .accepted(let job): return (job, true)
        case .deduplicated(let job): return (job, false)
        case .replayed, .conflict, .inProgress: throw JobStoreError.unreadableRow(column: "key")
        }
    }

    private func end(_ engine: Engine, _ job: JobID, _ attempt: Int, _ settlement: Settlement, _ worker: WorkerID)
        async throws
    {
        let settling = Settling(job: job, attempt: attempt, settlement: settlement, lastSequence: nil)
        #expect(try await engine.store.settle([settling], by: worker) != [nil])
    }

    @Test func `while one waits, keep answers with it; while one runs, its scope decides`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let first = try await accept(engine, tenant, job(.keep)).job
            for scope: Uniqueness.Scope in [.pending, .unfinished, .period(seconds: 60)] {
                let again = try await accept(engine, tenant, job(.keep, scope))
                #expect(again.job.id == first.id && !again.isNew)
            }
            #expect(try await accept(engine, .make(), job(.keep)).isNew, "another tenant")
            let worker = try await engine.register()
            #expect(try await engine.store.claim([first.id], by: worker).count == 1)
            #expect(try await !accept(engine, tenant, job(.keep, .unfinished)).isNew)
            #expect(try await !accept(engine, tenant, job(.keep, .period(seconds: 60))).isNew)
            let second = try await accept(engine, tenant, job(.keep, .pending))
            #expect(second.isNew)
        }
    }

    @Test func `after a success only a period stands in the way, and only as long`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let first = try await accept(engine, tenant, job(.keep)).job
            let worker = try await engine.register()
            _ = try await engine.store.claim([first.id], by: worker)
            try await end(engine, first.id, 1, Settlement(state: .succeeded), worker)
            let again = try await accept(engine, tenant, job(.keep, .period(seconds: 60)))
            #expect(!again.isNew && again.job.id == first.id && again.job.state == .succeeded)
            try await engine.owner.script("UPDATE jobs SET created_at = now() - interval '61 seconds'")
            let second = try await accept(engine, tenant, job(.keep, .period(seconds: 60)))
            #expect(second.isNew)
            try await end(engine, in: tenant, second.job.id, worker)
            #expect(try await accept(engine, tenant, job(.keep, .unfinished)).isNew)
        }
    }

    private func end(_ engine: Engine, in tenant: TenantID, _ id: JobID, _ worker: WorkerID) async throws {
        _ = try await engine.store.claim([id], by: worker)
        try await end(engine, id, 1, Settlement(state: .succeeded), worker)
    }

    @Test(arguments: ["failed", "cancelled", "cancelled while running", "expired", "overdue", "quarantined", "result"])
    func `the key is free after every kind of failure`(kind: String) async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let scope = Uniqueness.Scope.period(seconds: 3600)
            let first = try await accept(
                engine, tenant,
                job(.keep, scope) {
                    if kind == "expired" { $0.startWithinSeconds = 0 }
                    if kind == "overdue" { $0.finishWithinSeconds = 0 }
                }
            ).job
            let failure = Failure(.permanent, code: "x", message: "x")
            switch kind {
            case "failed", "cancelled while running", "result":
                let worker = try await engine.register()
                _ = try await engine.store.claim([first.id], by: worker)
                if kind == "cancelled while running" { _ = try await engine.intake.cancel(first.id, tenant: tenant) }
                let state = kind == "cancelled while running" ? JobState.cancelled : .failed
                try await end(engine, first.id, 1, Settlement(state: state, failure: failure), worker)
            case "cancelled": _ = try await engine.intake.cancel(first.id, tenant: tenant)
            case "expired", "overdue": try await engine.rescuer.expire()
            default:
                for _ in 1...3 {
                    let worker = try await engine.register()
                    _ = try await engine.store.claim([first.id], by: worker)
                    try await engine.bury(worker)
                }
            }
            #expect(try await engine.store.find(first.id, tenant: tenant)?.state.isTerminal == true)
            #expect(try await accept(engine, tenant, job(.keep, scope)).isNew)
        }
    }

    @Test func `replace changes what waits, and moves it between now and later`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let first = try await accept(engine, tenant, job(.replace, sleep: 1)).job
            #expect(first.state == .queued)
            let later = try await accept(
                engine, tenant,
                job(.replace, sleep: 2) {
                    $0.start = .after(seconds: 3600)
                    $0.priority = .urgent
                    $0.startWithinSeconds = 7
                })
            #expect(!later.isNew && later.job.id == first.id && later.job.state == .scheduled)
            #expect(later.job.priority == .urgent && later.job.runAt.timeIntervalSinceNow > 3500)
            // The list still has the id; a claim leaves it alone.
            let worker = try await engine.register()
            #expect(try await engine.store.claim(engine.take(5, by: worker), by: worker).isEmpty)
            let now = try await accept(engine, tenant, job(.replace, sleep: 3)).job
            #expect(now.id == first.id && now.state == .queued && now.priority == .normal)
            let claimed = try await engine.store.claim(engine.take(5, by: worker), by: worker)
            #expect(claimed.map(\.id) == [first.id])
            #expect(claimed.first.map { String(decoding: $0.payload, as: UTF8.self) }?.contains("3") == true)
            // One that has started is kept as it is.
            let kept = try await accept(engine, tenant, job(.replace, sleep: 4))
            #expect(!kept.isNew && kept.job.state == .running)
        }
    }

    @Test(arguments: [Uniqueness.OnConflict.coalesce, .keep])
    func `what waits becomes as urgent and as early as what it stands for`(onConflict: Uniqueness.OnConflict)
        async throws
    {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            func accept(_ priority: JobPriority, _ start: JobStart = .now, sleep: Int? = nil) async throws -> Job {
                let specification = try job(onConflict, .pending, sleep: sleep) {
                    $0.priority = priority
                    $0.start = start
                }
                return try await self.accept(engine, tenant, specification).job
            }
            let first = try await accept(.low, .after(seconds: 3600), sleep: 1)
            let later = try await accept(.idle, .after(seconds: 7200))
            #expect(later.id == first.id && later.priority == .low && later.runAt == first.runAt)
            let sooner = try await accept(.idle, .at(Date() + 60))
            #expect(sooner.priority == .low && sooner.runAt < first.runAt && sooner.state == .scheduled)
            let now = try await accept(.low)
            #expect(now.state == .queued && now.priority == .low && now.runAt < sooner.runAt)
            let urgent = try await accept(.urgent, .after(seconds: 60))
            #expect(urgent.state == .queued && urgent.priority == .urgent && urgent.runAt == now.runAt)
            #expect(try await accept(.normal).priority == .urgent)
            // Both lists have the id: the job is claimed once, as the row has it.
            for (priority, depth) in [(JobPriority.low, 1), (.urgent, 1), (.normal, 0)] {
                let list = ReadyList(queue: .default, tenant: tenant, priority: priority)
                #expect(try await engine.queue.depth(list) == depth, "\(priority)")
            }
            let worker = try await engine.register()
            let taken = try await engine.take(5, by: worker)
            #expect(taken == [first.id, first.id])
            let claimed = try await engine.store.claim(taken, by: worker)
            #expect(claimed.map(\.id) == [first.id] && claimed.first?.list.priority == .urgent)
            #expect(claimed.first.map { String(decoding: $0.payload, as: UTF8.self) }?.contains("1") == true)
            #expect(try await engine.store.claim(taken, by: worker).isEmpty)
            #expect(try await engine.store.delayed(taken).isEmpty)
        }
    }

    @Test func `an earlier job of another kind or queue is kept rather than replaced`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let first = try await accept(engine, tenant, job(.replace, sleep: 1)).job
            let other = try await accept(engine, tenant, job(.replace, sleep: 2) { $0.queue = .chat })
            #expect(!other.isNew && other.job.id == first.id && other.job.queue == .default)
        }
    }

    @Test func `a burst that coalesces is one running and exactly one trailing, which never overlap`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let first = try await accept(engine, tenant, job(.coalesce)).job
            let worker = try await engine.register()
            #expect(try await engine.store.claim([first.id], by: worker).count == 1)
            var trailing = Set<JobID>()
            for _ in 0..<20 { trailing.insert(try await accept(engine, tenant, job(.coalesce)).job.id) }
            #expect(trailing.count == 1 && !trailing.contains(first.id))
            #expect(try await engine.store.claim(Array(trailing), by: worker).isEmpty, "they would overlap")
            // A running one that rests is not pending: the trailing one goes on standing for the burst.
            let rest = Settlement(state: .scheduled, delaySeconds: 3600)
            try await end(engine, first.id, 1, rest, worker)
            #expect(try await accept(engine, tenant, job(.coalesce)).job.id == trailing.first)
            #expect(try await engine.store.claim(Array(trailing), by: worker).isEmpty)
            _ = try await engine.intake.cancel(first.id, tenant: tenant)
            #expect(try await engine.store.claim(Array(trailing), by: worker).map(\.id) == Array(trailing))
        }
    }

    @Test func `fifty at once, with a worker that ends them meanwhile: never two that wait, never two that run`()
        async throws
    {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let worker = try await engine.register()
            let specification = try job(.coalesce)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled { try await runNext(engine, tenant, worker) }
                }
                try await withThrowingTaskGroup(of: Void.self) { accepts in
                    for _ in 0..<50 {
                        accepts.addTask { _ = try await accept(engine, tenant, specification) }
                    }
                    try await accepts.waitForAll()
                }
                group.cancelAll()
            }
            let waiting = try await engine.store.list(JobFilter(), tenant: tenant, limit: 100)
                .filter { !$0.state.isTerminal && $0.attempt == 0 }
            #expect(waiting.count <= 1)
        }
    }

    private func runNext(_ engine: Engine, _ tenant: TenantID, _ worker: WorkerID) async throws {
        let taken = try await engine.take(5, by: worker)
        let claimed = try await engine.store.claim(taken, by: worker)
        #expect(claimed.count <= 1)
        for job in claimed {
            try await end(engine, job.id, job.attempt, Settlement(state: .succeeded), worker)
            let next = try await engine.store.nextInOrder(after: [(tenant, job.orderingKey ?? "")])
            try await engine.queue.push(next)
        }
    }

    @Test func `jobs of one request may share a key, and follow-ups may have one that is taken`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let specifications = [
                try job(.keep, sleep: 1), try Noop().specification(), try job(.replace, sleep: 2), try job(.keep),
            ]
            let keyed = try await engine.intake.accept(
                batch: specifications, callback: nil, tenant: tenant, key: nil)
            guard case .accepted(let id) = keyed else { throw JobStoreError.unreadableRow(column: "batch") }
            let batch = try #require(try await engine.store.findBatch(id, tenant: tenant))
            #expect(batch.jobs.count == 4 && Set(batch.jobs).count == 2 && batch.jobs[0] == batch.jobs[3])
            #expect(batch.counts == [.queued: 2])
            let worker = try await engine.register()
            let claimed = try await engine.store.claim([batch.jobs[0]], by: worker)
            #expect(String(decoding: claimed[0].payload, as: UTF8.self).contains("2"))
            // As a worker, in the transaction that settles another job.
            let made = try await engine.workerPool.transaction(settings: JobStore.acting(for: tenant)) { transaction in
                try await engine.store.insert(
                    [NewJob(tenant: tenant, specification: try job(.keep))], in: transaction)
            }
            #expect(made.map(\.id) == [batch.jobs[0]])
        }
    }

    @Test func `of one request, the job that stands is as urgent and as early as any of them`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let jobs = try [(JobPriority.low, 60.0), (.urgent, 3600), (.normal, 0)].map { priority, delay in
                NewJob(
                    tenant: tenant,
                    specification: try job(.coalesce) {
                        $0.priority = priority
                        if delay > 0 { $0.start = .after(seconds: delay) }
                    })
            }
            let accepted = try await engine.intake.accept(jobs)
            #expect(accepted.map(\.isNew) == [true, false, false] && accepted.allSatisfy { !$0.isMoved })
            #expect(accepted.allSatisfy { $0.job.id == jobs[0].id && $0.job.state == .queued })
            #expect(accepted.allSatisfy { $0.job.priority == .urgent })
            let list = ReadyList(queue: .default, tenant: tenant, priority: .urgent)
            #expect(try await engine.queue.depth(list) == 1)
        }
    }

    @Test func `an idempotency key remembers the job that stands`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let first = try await accept(engine, tenant, job(.keep)).job
            let key = RequestKey(key: "k", digest: [UInt8](repeating: 1, count: 32))
            let specification = try job(.keep)
            for expectsReplay in [false, true] {
                let keyed = try await engine.intake.accept(tenant: tenant, key: key) { _ in specification }
                #expect(keyed.job?.id == first.id)
                if case .replayed = keyed { #expect(expectsReplay) } else { #expect(!expectsReplay) }
            }
        }
    }
}
