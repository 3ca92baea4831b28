import Domain
import Jobs
import TestSupport
import Testing

@Suite struct IdempotencyTests {
    private let digest = [UInt8](repeating: 7, count: 32)

    private func accept(_ engine: Engine, _ tenant: TenantID, digest: [UInt8]) async throws -> JobIntake.Keyed {
        let specification = try Noop().specification()
        return try await engine.intake.accept(tenant: tenant, key: ("key", digest)) { _ in specification }
    }

    @Test func `fifty posts at once with one key make one job`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let ids = try await withThrowingTaskGroup(of: JobID?.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        switch try await accept(engine, tenant, digest: digest) {
                        case .accepted(let job), .replayed(let job): job.id
                        case .conflict: nil
                        }
                    }
                }
                return try await group.reduce(into: [JobID?]()) { $0.append($1) }
            }
            #expect(ids.count == 50 && Set(ids).count == 1 && ids.first != .some(nil))
            #expect(try await engine.store.list(JobFilter(), tenant: tenant, limit: 10).count == 1)
        }
    }

    @Test func `a key is one request's, and one tenant's`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            guard case .accepted = try await accept(engine, tenant, digest: digest) else {
                Issue.record("new")
                return
            }
            let other = [UInt8](repeating: 8, count: 32)
            guard case .conflict = try await accept(engine, tenant, digest: other) else {
                Issue.record("other")
                return
            }
            guard case .accepted = try await accept(engine, .make(), digest: other) else {
                Issue.record("tenant")
                return
            }
        }
    }
}
