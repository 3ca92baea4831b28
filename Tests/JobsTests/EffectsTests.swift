import Domain
import Postgres
import TestSupport
import Testing

@testable import Jobs

/// Its own rows are refused.
private struct Refusing: JobHandler {
    let failure: Failure

    func handle(_ work: Noop, _ context: AttemptContext) async throws -> Completion {
        .finished(Array("{}".utf8), effects: { _ in throw failure }, followUps: [try Noop().specification()])
    }
}

@Suite struct EffectsTests {
    @Test func `an attempt whose own rows are refused ends as they say and leaves no follow-up`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let later = Failure(.retry, code: "overtaken", message: "Somebody was faster.", burnsAttempt: false)
            let job = try await run(Refusing(failure: later), in: engine, tenant)
            #expect(job.state == .scheduled)
            #expect(job.failure?.code == "overtaken")
            #expect(job.attemptsSpent == 0)
            let never = Failure(.permanent, code: "refused", message: "No.")
            let ended = try await run(Refusing(failure: never), in: engine, tenant)
            #expect(ended.state == .failed)
            let all = try await engine.owner.query(
                Statement("test.count_jobs", "SELECT count(*) FROM jobs WHERE tenant_id = $1"), [.uuid(tenant.uuid)])
            #expect(try all[0].int(0) == 2)
        }
    }

    /// One attempt of a new job.
    private func run(_ handler: some JobHandler<Noop>, in engine: Engine, _ tenant: TenantID) async throws -> Job {
        let worker = try await engine.register()
        let job = try await engine.accept(tenant: tenant)
        let claimed = try #require(try await engine.store.claim([job.id], by: worker).first)
        var handlers = HandlerCatalog()
        handlers.register(handler)
        let settler = Settler(
            store: engine.store, pool: engine.workerPool, announcer: engine.announcer, settings: engine.settings,
            logger: TestStores.silent)
        let attempt = Attempt(
            handlers: handlers, settler: settler, events: engine.log, running: RunningAttempts(), policy: .standard,
            measures: AttemptMeasures(), trace: AttemptTrace.passOn, logger: TestStores.silent)
        await attempt.run(claimed, worker: worker)
        return try #require(try await engine.store.find(job.id, tenant: tenant))
    }
}
