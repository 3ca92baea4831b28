import Domain
import Foundation
import Jobs
import Postgres
import TestSupport
import Testing

@Suite struct ControlTests {
    private let failure = Failure(.permanent, code: "broken", message: "It broke.")

    /// Runs a job to its end by hand.
    private func end(_ engine: Engine, _ id: JobID, _ settlement: Settlement) async throws {
        let worker = try await engine.register()
        let claimed = try #require(try await engine.store.claim([id], by: worker).first)
        let settling = Settling(job: id, attempt: claimed.attempt, settlement: settlement, lastSequence: 3)
        #expect(try await engine.store.settle([settling], by: worker) == [settlement.state])
    }

    @Test func `a failed job that is retried runs again, with its history kept`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            let worker = try await engine.register()
            _ = try await engine.take(1, by: worker)
            try await end(engine, job.id, Settlement(state: .failed, failure: failure))
            guard case .done(let back) = try await engine.intake.retry(job.id, tenant: tenant, by: "somebody") else {
                Issue.record("not retried")
                return
            }
            #expect(back.state == .queued && back.attempt == 1 && back.attemptsSpent == 0 && back.retries == 1)
            #expect(back.failure == nil && back.finishedAt == nil && back.lastSequence == nil && back.result == nil)
            #expect(try await engine.take(1, by: worker) == [job.id], "it was pushed")
            let noted = try await engine.owner.query(
                Statement(
                    "test.retries", "SELECT retry, from_state, attempt, failure->>'code', retried_by FROM job_retries"))
            #expect(noted.count == 1)
            #expect(try noted[0].int(0) == 1 && noted[0].text(1) == "failed" && noted[0].int(2) == 1)
            #expect(try noted[0].text(3) == "broken" && noted[0].text(4) == "somebody")
            let claimed = try await engine.store.claim([job.id], by: worker)
            #expect(claimed.first?.attempt == 2 && claimed.first?.attemptsSpent == 1)
        }
    }

    @Test func `what has not failed and was not cancelled is not retried`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            guard case .refused = try await engine.intake.retry(job.id, tenant: tenant, by: "x") else {
                Issue.record("queued")
                return
            }
            try await end(engine, job.id, Settlement(state: .succeeded))
            guard case .refused(let done) = try await engine.intake.retry(job.id, tenant: tenant, by: "x"),
                done.state == .succeeded
            else {
                Issue.record("succeeded")
                return
            }
            guard case .notFound = try await engine.intake.retry(job.id, tenant: .make(), by: "x") else {
                Issue.record("another tenant's")
                return
            }
        }
    }

    @Test func `a retried job goes to the end of its order, and waits for what runs`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let first = try await engine.accept(tenant: tenant, key: "k")
            let second = try await engine.accept(tenant: tenant, key: "k")
            try await end(engine, first.id, Settlement(state: .failed, failure: failure))
            let worker = try await engine.register()
            #expect(try await engine.store.claim([second.id], by: worker).count == 1)
            _ = try await engine.intake.retry(first.id, tenant: tenant, by: "x")
            #expect(try await engine.store.claim([first.id], by: worker).isEmpty)
            #expect(try await engine.store.delayed([first.id]) == [first.id: .order], "or it would be tried in a loop")
            _ = try await engine.store.settle(
                [Settling(job: second.id, attempt: 1, settlement: Settlement(state: .succeeded), lastSequence: nil)],
                by: worker)
            #expect(try await engine.store.nextInOrder(after: [(tenant, "noop:k")]).map(\.id) == [first.id])
        }
    }

    @Test func `one that never started gives way to another that waits with its unique key`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            var specification = try Noop().specification()
            specification.unique = Uniqueness(key: "u", scope: .pending, onConflict: .keep)
            func accept() async throws -> Job {
                try await engine.intake.accept(NewJob(tenant: tenant, specification: specification))
            }
            let cancelled = [try await accept(), try await accept()].map(\.id)
            #expect(Set(cancelled).count == 1)
            _ = try await engine.intake.cancel(cancelled[0], tenant: tenant)
            let second = try await accept()
            _ = try await engine.intake.cancel(second.id, tenant: tenant)
            let pending = try await accept()
            guard case .refused = try await engine.intake.retry(cancelled[0], tenant: tenant, by: "x") else {
                Issue.record("two of them wait")
                return
            }
            let all = JobSelection(state: .cancelled)
            #expect(try await engine.intake.retry(all, tenant: tenant, by: "x").jobs.isEmpty)
            _ = try await engine.intake.cancel(pending.id, tenant: tenant)
            // Of three with one key, one comes back.
            #expect(try await engine.intake.retry(all, tenant: tenant, by: "x").jobs.count == 1)
        }
    }

    @Test func `many are retried, discarded and cancelled by filter, and it is told whether more remain`() async throws
    {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            var ids: [JobID] = []
            for _ in 0..<5 { ids.append(try await engine.accept(tenant: tenant).id) }
            let other = try await engine.accept()
            for id in ids + [other.id] { try await end(engine, id, Settlement(state: .failed, failure: failure)) }
            let none = JobSelection(failureCode: "other")
            #expect(try await engine.intake.retry(none, tenant: tenant, by: "x").jobs.isEmpty)
            let two = try await engine.intake.discard(JobSelection(failureCode: "broken", limit: 2), tenant: tenant)
            #expect(two.jobs.map(\.job.id).sorted() == Array(ids[0..<2]) && two.isMore)
            // What was discarded is not wanted back.
            let back = try await engine.intake.retry(JobSelection(state: .failed), tenant: tenant, by: "x")
            #expect(Set(back.jobs.map(\.job.id)) == Set(ids[2...]) && !back.isMore)
            #expect(back.jobs.allSatisfy { $0.state == .queued })
            let worker = try await engine.register()
            let running = try #require(try await engine.store.claim([ids[2]], by: worker).first)
            let ended = try await engine.intake.cancel(JobSelection(queue: .default), tenant: tenant)
            #expect(Set(ended.jobs.map(\.job.id)) == Set(ids[3...]))
            #expect(ended.asked.map(\.job) == [running.id] && ended.asked.map(\.worker) == [worker])
            let again = try await engine.intake.cancel(JobSelection(queue: .default), tenant: tenant)
            #expect(again.jobs.isEmpty && again.asked.isEmpty)
            #expect(try await engine.store.find(other.id, tenant: other.tenant)?.state == .failed)
        }
    }

    @Test func `discarding is for failed jobs, may be repeated, and is undone by a retry`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let job = try await engine.accept(tenant: tenant)
            guard case .refused = try await engine.intake.discard(job.id, tenant: tenant) else {
                Issue.record("queued")
                return
            }
            try await end(engine, job.id, Settlement(state: .failed, failure: failure))
            for _ in 0..<2 {
                guard case .done(let aside) = try await engine.intake.discard(job.id, tenant: tenant) else {
                    Issue.record("discard")
                    return
                }
                #expect(aside.isDiscarded && aside.state == .failed)
            }
            guard case .done(let back) = try await engine.intake.retry(job.id, tenant: tenant, by: "x") else {
                Issue.record("retry")
                return
            }
            #expect(!back.isDiscarded && back.state == .queued)
        }
    }

    @Test func `a job is cancelled while it is scheduled, rests, or waits for a person`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            var scheduled = try Noop().specification()
            scheduled.start = .after(seconds: 3600)
            let first = try await engine.intake.accept(NewJob(tenant: tenant, specification: scheduled))
            let second = try await engine.accept(tenant: tenant)
            try await end(engine, second.id, Settlement(state: .scheduled, delaySeconds: 3600))
            let third = try await engine.accept(tenant: tenant)
            try await end(engine, third.id, Settlement(state: .waiting, refundsAttempt: true))
            for id in [first.id, second.id, third.id] {
                for isFirst in [true, false] {
                    switch try await engine.intake.cancel(id, tenant: tenant) {
                    case .ended(let job): #expect(isFirst && job.state == .cancelled)
                    case .tooLate(let job): #expect(!isFirst && job.state == .cancelled)
                    default: Issue.record("not cancelled")
                    }
                }
            }
        }
    }
}
