import Domain
import Foundation
import Jobs
import Postgres
import TestSupport
import Testing

@Suite struct BatchTests {
    private let failure = Failure(.permanent, code: "broken", message: "It broke.")

    private func batch(
        _ engine: Engine, _ tenant: TenantID, _ count: Int, callback: JobSpecification? = nil,
        _ change: (Int, inout JobSpecification) -> Void = { _, _ in }
    ) async throws -> Batch {
        let jobs = try (0..<count).map { number in
            var specification = try Noop().specification()
            change(number, &specification)
            return specification
        }
        let keyed = try await engine.intake.accept(batch: jobs, callback: callback, tenant: tenant, key: nil)
        guard case .accepted(let id) = keyed else { throw JobStoreError.unreadableRow(column: "batch") }
        return try #require(try await engine.store.findBatch(id, tenant: tenant))
    }

    private func end(_ engine: Engine, _ id: JobID, _ settlement: Settlement) async throws {
        let worker = try await engine.register()
        let claimed = try #require(try await engine.store.claim([id], by: worker).first)
        let settling = Settling(job: id, attempt: claimed.attempt, settlement: settlement, lastSequence: nil)
        #expect(try await engine.store.settle([settling], by: worker) == [settlement.state])
        await engine.announcer.announce(
            [JobTransition(job: QueuedJob(id: id, list: claimed.list), state: settlement.state, batch: claimed.batch)],
            settings: EngineSettings())
    }

    @Test func `a batch ends once when all have ended, however, and calls back once`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let callback = try Noop(key: "callback").specification()
            let batch = try await batch(engine, tenant, 4, callback: callback) { number, job in
                if number == 3 { job.startWithinSeconds = 0 }
            }
            #expect(batch.counts == [.queued: 4] && batch.finishedAt == nil)
            try await end(engine, batch.jobs[0], Settlement(state: .succeeded))
            try await end(engine, batch.jobs[1], Settlement(state: .failed, failure: failure))
            // A gateway may not finish batches: the reconciler does.
            _ = try await engine.intake.cancel(batch.jobs[2], tenant: tenant)
            #expect(try await engine.store.findBatch(batch.id, tenant: tenant)?.finishedAt == nil)
            try await engine.rescuer.expire()
            let ended = try #require(try await engine.store.findBatch(batch.id, tenant: tenant))
            #expect(ended.finishedAt != nil && ended.counts == [.succeeded: 1, .failed: 2, .cancelled: 1])
            let callbackID = try #require(ended.callback)
            let job = try #require(try await engine.store.find(callbackID, tenant: tenant))
            #expect(job.kind == Noop.kind && job.state == .queued)
            #expect(try await engine.queue.depth(QueuedJob(job).list) > 0)
            #expect(try await engine.store.finishBatches([batch.id]).isEmpty)
            // A member that comes back changes nothing.
            _ = try await engine.intake.retry(batch.jobs[1], tenant: tenant, by: "x")
            try await end(engine, batch.jobs[1], Settlement(state: .succeeded))
            let after = try #require(try await engine.store.findBatch(batch.id, tenant: tenant))
            #expect(after.finishedAt == ended.finishedAt && after.callback == ended.callback)
            #expect(try await engine.store.list(JobFilter(), tenant: tenant, limit: 10).count == 5)
        }
    }

    @Test func `a batch waits for a member that is retried before the others ended`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let batch = try await batch(engine, tenant, 2)
            try await end(engine, batch.jobs[0], Settlement(state: .failed, failure: failure))
            _ = try await engine.intake.retry(batch.jobs[0], tenant: tenant, by: "x")
            try await end(engine, batch.jobs[1], Settlement(state: .succeeded))
            #expect(try await engine.store.findBatch(batch.id, tenant: tenant)?.finishedAt == nil)
            try await end(engine, batch.jobs[0], Settlement(state: .succeeded))
            #expect(try await engine.store.findBatch(batch.id, tenant: tenant)?.finishedAt != nil)
        }
    }

    @Test func `a batch whose last member's process died is finished by the reconciler`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let batch = try await batch(engine, tenant, 1, callback: try Noop().specification())
            _ = try await engine.intake.cancel(batch.jobs[0], tenant: tenant)
            try await engine.owner.script("UPDATE batches SET created_at = now() - interval '3 seconds'")
            try await engine.rescuer.finishBatches()
            #expect(try await engine.store.findBatch(batch.id, tenant: tenant)?.callback != nil)
        }
    }

    @Test func `whoever waits for a batch is answered at its end`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let batch = try await batch(engine, tenant, 1)
            async let waited = engine.reader.wait(batch.id, tenant: tenant, for: .seconds(30))
            try await end(engine, batch.jobs[0], Settlement(state: .succeeded))
            #expect(try await waited?.finishedAt != nil)
            #expect(try await engine.reader.wait(batch.id, tenant: .make(), for: .seconds(30)) == nil)
        }
    }

    @Test func `a thousand jobs are all accepted, or none`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let batch = try await batch(engine, tenant, 1000)
            #expect(batch.counts == [.queued: 1000] && Set(batch.jobs).count == 1000)
            await #expect(throws: PostgresError.self) {
                _ = try await self.batch(engine, tenant, 10) { number, job in
                    if number == 9 { job.payload = Array(#"{"key":"\u0000"}"#.utf8) }
                }
            }
            let count = Statement("test.jobs", "SELECT count(*) FROM jobs")
            #expect(try await engine.owner.query(count)[0].int(0) == 1000)
        }
    }

    @Test func `one key is one batch`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let specification = try Noop().specification()
            func accept(_ digest: UInt8) async throws -> JobIntake.KeyedBatch {
                try await engine.intake.accept(
                    batch: [specification], callback: nil, tenant: tenant,
                    key: RequestKey(key: "k", digest: [UInt8](repeating: digest, count: 32)))
            }
            guard case .accepted(let first) = try await accept(1), case .replayed(let again) = try await accept(1),
                case .conflict = try await accept(2)
            else {
                Issue.record("keys")
                return
            }
            #expect(first == again)
        }
    }
}
