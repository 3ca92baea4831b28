import Domain
import Foundation
import Jobs
import Postgres
import TestSupport
import Testing

@Suite struct ScheduleTests {
    private let name = ScheduleName("nightly")!

    private func scheduler(_ engine: Engine) -> Scheduler {
        Scheduler(store: engine.store, queue: engine.queue, logger: TestStores.silent)
    }

    private func time(_ text: String) -> Date { RFC3339.date(text)! }

    private func put(
        _ engine: Engine, _ tenant: TenantID, _ rule: String, zone: String = "UTC", after: Date,
        _ change: (inout JobSpecification) -> Void = { _ in }
    ) async throws -> Schedule {
        var specification = try Noop().specification()
        change(&specification)
        let rule = try ScheduleRule(rule, zone: zone)
        return try #require(
            try await engine.store.putSchedule(
                name, tenant: tenant, rule: rule.description, timeZone: zone, specification: specification,
                nextAt: rule.nextFiring(after: after))
        ).schedule
    }

    private func jobs(_ engine: Engine, _ tenant: TenantID) async throws -> Int {
        try await engine.store.list(JobFilter(), tenant: tenant, limit: 200).count
    }

    @Test func `a tick fires once, whoever looks, and however often`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let start = time("2026-03-01T00:00:00Z")
            _ = try await put(engine, tenant, "0 3 * * *", after: start)
            #expect(try await scheduler(engine).fireDue(now: time("2026-03-01T02:59:59Z")) == 0)
            let due = time("2026-03-01T03:00:00.2Z")
            let count = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await scheduler(engine).fireDue(now: due) } }
                return try await group.reduce(0, +)
            }
            #expect(count == 1)
            #expect(try await jobs(engine, tenant) == 1)
            let schedule = try #require(try await engine.store.findSchedule(name, tenant: tenant))
            #expect(schedule.lastFiredAt == time("2026-03-01T03:00:00Z") && schedule.coalesced == 0)
            #expect(schedule.nextAt == time("2026-03-02T03:00:00Z"))
            let made = try #require(schedule.lastJob)
            let job = try #require(try await engine.store.find(made, tenant: tenant))
            #expect(try await engine.queue.next(of: QueuedJob(job).list, limit: 5) == [job.id])
        }
    }

    @Test func `two hundred schedules and four schedulers make two hundred jobs`() async throws {
        try await Engine.with { engine in
            let start = time("2026-03-01T00:00:00Z")
            for _ in 0..<200 { _ = try await put(engine, .make(), "every 1m", after: start) }
            let made = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await scheduler(engine).fireDue(now: start + 61) } }
                return try await group.reduce(0, +)
            }
            // Whoever found all rows locked left them to the others.
            #expect(made + (try await scheduler(engine).fireDue(now: start + 61)) == 200)
            let count = Statement("test.jobs", "SELECT count(*) FROM jobs")
            #expect(try await engine.owner.query(count)[0].int(0) == 200)
        }
    }

    @Test func `ticks that passed unnoticed are made good by one job, and counted`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let start = time("2026-03-01T00:00:00Z")
            _ = try await put(engine, tenant, "every 1h", after: start)
            #expect(try await scheduler(engine).fireDue(now: start + 5 * 3600 + 60) == 1)
            let schedule = try #require(try await engine.store.findSchedule(name, tenant: tenant))
            #expect(schedule.coalesced == 4 && schedule.nextAt == start + 6 * 3600)
        }
    }

    @Test func `a scheduler that is killed before its commit has made nothing, and the next one makes it`()
        async throws
    {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let start = time("2026-03-01T00:00:00Z")
            _ = try await put(engine, tenant, "every 1m", after: start)
            let firing = Task { try await scheduler(engine).fireDue(now: start + 60) }
            firing.cancel()
            let made = (try? await firing.value) ?? 0
            #expect(made + (try await scheduler(engine).fireDue(now: start + 60)) == 1)
            #expect(try await jobs(engine, tenant) == 1)
        }
    }

    @Test func `the clocks' change neither drops nor doubles a daily tick`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            // 02:30 does not exist on March 29 and comes twice on October 25, 2026, in Berlin.
            for (start, ticks) in [("2026-03-27T12:00:00Z", 4), ("2026-10-23T12:00:00Z", 4)] {
                var now = time(start)
                let before = try await jobs(engine, tenant)
                _ = try await engine.store.deleteSchedule(name, tenant: tenant)
                _ = try await put(engine, tenant, "30 2 * * *", zone: "Europe/Berlin", after: now)
                let end = now + 4 * 86_400
                while now < end {
                    now += 1800
                    try await scheduler(engine).fireDue(now: now)
                }
                #expect(try await jobs(engine, tenant) - before == ticks)
            }
        }
    }

    @Test func `a paused schedule rests, and what passed meanwhile is not made good`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let start = time("2026-03-01T00:00:00Z")
            _ = try await put(engine, tenant, "every 1m", after: start)
            #expect(
                try await engine.store.pauseSchedule(name, tenant: tenant, resumingAt: nil)?.isPaused == true)
            #expect(try await scheduler(engine).fireDue(now: start + 600) == 0)
            let resumed = try await engine.store.pauseSchedule(name, tenant: tenant, resumingAt: start + 660)
            #expect(resumed?.isPaused == false && resumed?.nextAt == start + 660)
            #expect(try await scheduler(engine).fireDue(now: start + 659) == 0)
            #expect(try await scheduler(engine).fireDue(now: start + 660) == 1)
        }
    }

    @Test func `changing what a schedule makes keeps its tick; changing its rule does not`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let start = time("2026-03-01T00:00:00Z")
            _ = try await put(engine, tenant, "every 1h", after: start)
            let same = try await put(engine, tenant, "every 1h", after: start + 7200) { $0.priority = .idle }
            #expect(same.nextAt == start + 3600 && same.specification.priority == .idle)
            let other = try await put(engine, tenant, "every 2h", after: start + 7200)
            #expect(other.nextAt == start + 4 * 3600 && other.id == same.id)
        }
    }

    @Test func `a unique job does not pile up behind one that is slow`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let start = time("2026-03-01T00:00:00Z")
            _ = try await put(engine, tenant, "every 1m", after: start) {
                $0.unique = Uniqueness(key: "sync", scope: .pending, onConflict: .coalesce)
            }
            for minute in 1...5 { try await scheduler(engine).fireDue(now: start + Double(minute) * 60) }
            #expect(try await jobs(engine, tenant) == 1)
        }
    }

    @Test func `one that cannot be read holds up no other`() async throws {
        try await Engine.with { engine in
            let start = time("2026-03-01T00:00:00Z")
            _ = try await put(engine, .make(), "every 1m", after: start)
            try await engine.owner.script("UPDATE schedules SET rule = 'at full moon'")
            let tenant = TenantID.make()
            _ = try await put(engine, tenant, "every 1m", after: start)
            #expect(try await scheduler(engine).fireDue(now: start + 60) == 1)
            #expect(try await jobs(engine, tenant) == 1)
        }
    }

    @Test func `a schedule fired by hand keeps its ticks`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let schedule = try await put(engine, tenant, "every 1h", after: Date())
            let keyed = try #require(try await engine.intake.fire(name, tenant: tenant))
            let after = try #require(try await engine.store.findSchedule(name, tenant: tenant))
            #expect(after.nextAt == schedule.nextAt && after.lastJob == keyed.job?.id && after.lastFiredAt == nil)
            #expect(try await engine.intake.fire(name, tenant: .make()) == nil)
        }
    }
}
