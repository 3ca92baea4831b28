import Domain
import Jobs
import Postgres
import TestSupport
import Testing

private func succeeded() -> Settlement { Settlement(state: .succeeded, result: Array("{}".utf8)) }

@Suite struct LeaseTests {
    @Test func `an accepted job is queued, in the list, and claimed once`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            let worker = try await engine.register()
            let taken = try await engine.take(10, by: worker)
            #expect(taken == [job.id])
            let claimed = try await engine.store.claim(taken + taken, by: worker)
            #expect(claimed.map(\.id) == [job.id])
            #expect(claimed.first?.attempt == 1 && claimed.first?.attemptsSpent == 1 && claimed.first?.tenant == tenant)
            #expect(try await engine.store.claim(taken, by: worker).isEmpty)
            let other = try await engine.register()
            #expect(try await engine.store.claim(taken, by: other).isEmpty)
        }
    }

    @Test func `a worker that is not registered claims nothing`() async throws {
        try await Engine.with { engine in
            let job = try await engine.accept()
            #expect(try await engine.store.claim([job.id], by: .make()).isEmpty)
        }
    }

    @Test func `a zombie's settle is rejected`() async throws {
        try await Engine.with { engine in
            let job = try await engine.accept()
            let first = try await engine.register()
            let claim = try #require(try await engine.store.claim([job.id], by: first).first)
            try await engine.registry.retire(first)
            _ = try await engine.store.rescue(quarantineAfter: 3)
            let second = try await engine.register()
            let again = try #require(try await engine.store.claim([job.id], by: second).first)
            #expect(again.attempt == 2)
            let zombie = Settling(job: job.id, attempt: claim.attempt, settlement: succeeded(), lastSequence: nil)
            #expect(try await engine.store.settle([zombie], by: first) == [nil])
            // Right worker, old attempt; right attempt, wrong worker.
            #expect(try await engine.store.settle([zombie], by: second) == [nil])
            let mixed = Settling(job: job.id, attempt: 2, settlement: succeeded(), lastSequence: nil)
            #expect(try await engine.store.settle([mixed], by: first) == [nil])
            #expect(try await engine.store.settle([mixed], by: second) == [.succeeded])
            #expect(try await engine.store.settle([mixed], by: second) == [nil])
        }
    }

    @Test func `a batch settles each of its jobs on its own merits`() async throws {
        try await Engine.with { engine in
            let worker = try await engine.register()
            var settlings: [Settling] = []
            let states: [Settlement] = [
                succeeded(), Settlement(state: .failed, failure: Failure(.permanent, code: "c", message: "m")),
                Settlement(state: .scheduled, delaySeconds: 60), Settlement(state: .queued, refundsAttempt: true),
                Settlement(state: .cancelled),
            ]
            for settlement in states {
                let job = try await engine.accept()
                let claim = try #require(try await engine.store.claim([job.id], by: worker).first)
                settlings.append(
                    Settling(job: job.id, attempt: claim.attempt, settlement: settlement, lastSequence: 3))
            }
            settlings[1].attempt = 9
            let settled = try await engine.store.settle(settlings, by: worker)
            #expect(settled == [.succeeded, nil, .scheduled, .queued, .cancelled])
        }
    }

    @Test func `a cancellation asked for while running wins over going back`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            for settlement in [Settlement(state: .scheduled, delaySeconds: 1), Settlement(state: .queued)] {
                let job = try await engine.accept(tenant: tenant)
                let worker = try await engine.register()
                let claim = try #require(try await engine.store.claim([job.id], by: worker).first)
                let found = try await engine.intake.cancel(job.id, tenant: tenant)
                guard case .requested(_, let told) = found else {
                    Issue.record("\(found)")
                    return
                }
                #expect(told == worker)
                #expect(try await engine.registry.cancelRequests(worker) == [job.id])
                let settling = Settling(job: job.id, attempt: claim.attempt, settlement: settlement, lastSequence: nil)
                #expect(try await engine.store.settle([settling], by: worker) == [.cancelled])
            }
        }
    }

    @Test func `cancelling is idempotent and ends what has not started`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            guard case .ended(let ended) = try await engine.intake.cancel(job.id, tenant: tenant) else {
                Issue.record("not ended")
                return
            }
            #expect(ended.state == .cancelled && ended.finishedAt != nil)
            guard case .tooLate = try await engine.intake.cancel(job.id, tenant: tenant) else {
                Issue.record("cancelled twice")
                return
            }
            guard case .notFound = try await engine.intake.cancel(job.id, tenant: .make()) else {
                Issue.record("another tenant cancelled it")
                return
            }
            let worker = try await engine.register()
            #expect(try await engine.store.claim([job.id], by: worker).isEmpty)
        }
    }

    @Test func `only a worker that has been silent is buried`() async throws {
        try await Engine.with { engine in
            let worker = try await engine.register()
            let other = try await engine.register()
            let seen = try #require(try await engine.registry.peers(of: other).first { $0.id == worker })
            #expect(try await engine.registry.beat(worker))
            #expect(try await engine.registry.bury(seen) == false)
            let now = try #require(try await engine.registry.peers(of: other).first { $0.id == worker })
            #expect(try await engine.registry.bury(now))
            #expect(try await engine.registry.beat(worker) == false)
        }
    }

    @Test func `what a dead worker took and did not claim goes back to the front of the queue`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            var ids: [JobID] = []
            for _ in 0..<5 { ids.append(try await engine.accept(tenant: tenant).id) }
            let dead = try await engine.register()
            let other = try await engine.register()
            #expect(try await engine.take(3, by: dead) == Array(ids.prefix(3)))
            try await engine.bury(dead)
            #expect(try await engine.take(10, by: other) == ids)
        }
    }

    @Test func `what was taken and not claimed is handed out again until it is`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            var ids: [JobID] = []
            for _ in 0..<4 { ids.append(try await engine.accept(tenant: tenant).id) }
            let worker = try await engine.register()
            #expect(try await engine.take(3, by: worker) == Array(ids.prefix(3)))
            #expect(try await engine.take(3, by: worker, claimed: false) == Array(ids.prefix(3)))
            #expect(try await engine.take(3, by: worker, claimed: true) == [ids[3]])
            #expect(try await engine.take(3, by: worker, claimed: true).isEmpty)
            #expect(try await engine.take(3, by: worker, claimed: false).isEmpty)
        }
    }

    @Test func `jobs that are due are queued and pushed, others stay`() async throws {
        try await Engine.with { engine in
            let worker = try await engine.register()
            var due: JobID?
            for delay in [0.0, 3600] {
                let job = try await engine.accept()
                let claim = try #require(try await engine.store.claim([job.id], by: worker).first)
                let settlement = Settlement(state: .scheduled, delaySeconds: delay)
                _ = try await engine.store.settle(
                    [Settling(job: job.id, attempt: claim.attempt, settlement: settlement, lastSequence: nil)],
                    by: worker)
                if delay == 0 { due = job.id }
            }
            _ = try await engine.take(10, by: worker)
            try await engine.rescuer.promote()
            #expect(try await engine.take(10, by: worker) == [due])
        }
    }
}
