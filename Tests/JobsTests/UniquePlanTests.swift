import Domain
import Foundation
import TestSupport
import Testing

@testable import Jobs

@Suite struct UniquePlanTests {
    private let tenant = TenantID.make()

    private func new(
        _ onConflict: Uniqueness.OnConflict, _ priority: JobPriority = .normal, _ start: JobStart = .now,
        scope: Uniqueness.Scope = .pending
    ) throws -> NewJob {
        var specification = try Noop().specification()
        specification.unique = Uniqueness(key: "u", scope: scope, onConflict: onConflict)
        specification.priority = priority
        specification.start = start
        return NewJob(tenant: tenant, specification: specification)
    }

    private func pending(_ state: JobState = .queued, _ queue: QueueName = .default) -> Job {
        Job(
            id: .make(), tenant: tenant, queue: queue, kind: Noop.kind, state: state, maxAttempts: 5,
            createdAt: Date(timeIntervalSince1970: 0), runAt: Date(timeIntervalSince1970: 0), priority: .normal)
    }

    private func plan(_ pending: Job?, _ jobs: [NewJob]) -> UniquePlan {
        var standing = UniquePlan.Standing()
        standing.pending[.init(tenant: tenant, key: "u")] = pending
        var plan = UniquePlan(standing)
        for job in jobs { plan.add(job) }
        return plan
    }

    @Test func `only what may be more urgent, or earlier, hastens what waits`() throws {
        let (queued, scheduled) = (pending(), pending(.scheduled))
        for (job, hastensQueued, hastensScheduled) in try [
            (new(.coalesce), false, true), (new(.coalesce, .urgent), true, true),
            (new(.coalesce, .low, .after(seconds: 9)), false, true), (new(.keep, .urgent), true, true),
            (new(.keep, .urgent, scope: .unfinished), false, false),
            (new(.coalesce, .urgent, scope: .unfinished), true, true),
        ] {
            #expect(plan(queued, [job]).hastened[queued.id]?.map(\.id) == (hastensQueued ? [job.id] : nil))
            #expect(plan(scheduled, [job]).hastened[scheduled.id]?.map(\.id) == (hastensScheduled ? [job.id] : nil))
        }
        let elsewhere = pending(.scheduled, .chat)
        let kept = plan(elsewhere, [try new(.coalesce, .urgent)])
        #expect(kept.hastened.isEmpty && kept.answers.map(\.id) == [elsewhere.id])
    }

    @Test func `what replaces starts when it says, and what comes behind it may hasten it`() throws {
        let earlier = pending()
        let (urgent, replacing, last) = try (new(.coalesce, .urgent), new(.replace, .idle), new(.coalesce, .low))
        let replaced = plan(earlier, [urgent, replacing])
        #expect(replaced.hastened.isEmpty && replaced.replaced[earlier.id]?.id == replacing.id)
        #expect(plan(earlier, [urgent, replacing, last]).hastened[earlier.id]?.map(\.id) == [last.id])
    }

    @Test func `of jobs that come together, the first is hastened by those it stands for`() throws {
        let first = try new(.coalesce, .low)
        let (same, urgent, replacing) = try (new(.coalesce, .low), new(.coalesce, .urgent), new(.replace, .idle))
        #expect(plan(nil, [first, same]).hastened.isEmpty)
        let hastened = plan(nil, [first, same, urgent])
        #expect(hastened.new.map(\.id) == [first.id] && hastened.hastened[first.id]?.map(\.id) == [urgent.id])
        #expect(plan(nil, [first, urgent, replacing]).hastened.isEmpty)
        let late = try new(.coalesce, .normal, .after(seconds: 9))
        #expect(plan(nil, [late, first]).hastened[late.id]?.map(\.id) == [first.id])
    }
}
