import Domain
import Jobs
import Postgres
import TestSupport
import Testing

@Suite struct IdempotencyTests {
    private let digest = [UInt8](repeating: 7, count: 32)

    private func accept(_ engine: Engine, _ tenant: TenantID, digest: [UInt8]) async throws -> JobIntake.Keyed {
        let specification = try Noop().specification()
        return try await engine.intake.accept(tenant: tenant, key: RequestKey(key: "key", digest: digest)) { _ in
            specification
        }
    }

    @Test func `fifty posts at once with one key make one job, and nobody waits`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let answers = try await withThrowingTaskGroup(of: JobIntake.Keyed.self) { group in
                for _ in 0..<50 { group.addTask { try await accept(engine, tenant, digest: digest) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let ids = Set(answers.compactMap(\.job?.id))
            #expect(ids.count == 1)
            for answer in answers {
                if case .conflict = answer { Issue.record("a conflict with itself") }
            }
            guard case .replayed(let job) = try await accept(engine, tenant, digest: digest) else {
                Issue.record("afterwards")
                return
            }
            #expect(ids == [job.id])
            #expect(try await engine.store.list(JobFilter(), tenant: tenant, limit: 10).count == 1)
        }
    }

    @Test func `a request whose key is being worked on is told so at once`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let key = RequestKey(key: "key", digest: digest)
            let keyed = try await engine.intake.accept(tenant: tenant, key: key) { _ in
                // The first request's transaction is open while the second one comes.
                guard case .inProgress = try await accept(engine, tenant, digest: digest) else {
                    throw Failure(.permanent, code: "not_told", message: "The second request was not told.")
                }
                return try Noop().specification()
            }
            #expect(keyed.job != nil)
        }
    }

    @Test func `a request that failed leaves its key free, and a day later so does every other`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            await #expect(throws: InvalidCommand.self) {
                _ = try await engine.intake.accept(tenant: tenant, key: RequestKey(key: "key", digest: digest)) { _ in
                    throw InvalidCommand(field: "x", "is wrong")
                }
            }
            guard case .accepted(let first) = try await accept(engine, tenant, digest: digest) else {
                Issue.record("free")
                return
            }
            let other = [UInt8](repeating: 8, count: 32)
            try await engine.owner.script("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'")
            guard case .accepted(let second) = try await accept(engine, tenant, digest: other) else {
                Issue.record("a day later")
                return
            }
            #expect(first.id != second.id)
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
