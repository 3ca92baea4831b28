import Domain
import Jobs
import Postgres
import Store
import TestSupport
import Testing

/// A tenant sees only its own, whatever the query says: the database enforces it.
@Suite struct TenantTests {
    private static let all = Statement("test.all", "SELECT count(*) FROM jobs")

    @Test func `the gateway's role sees nothing without a tenant, and only its rows with one`() async throws {
        try await Engine.with { engine in
            let (mine, theirs) = (TenantID.make(), TenantID.make())
            let job = try await engine.accept(tenant: mine)
            _ = try await engine.accept(tenant: theirs)
            #expect(try await engine.gatewayPool.query(Self.all)[0].int(0) == 0)
            #expect(try await engine.gatewayPool.query(Self.all, settings: JobStore.acting(for: mine))[0].int(0) == 1)
            #expect(try await engine.gatewayPool.query(Self.all)[0].int(0) == 0)
            let reader = JobStore(pool: engine.gatewayPool)
            #expect(try await reader.find(job.id, tenant: theirs) == nil)
            #expect(try await reader.find(job.id, tenant: mine)?.id == job.id)
            // Looks of several tenants in one statement: each sees its own only.
            let looks = [mine, theirs, mine].map { JobStore.Look(id: job.id, tenant: $0) }
            #expect(try await reader.find(looks).map { $0?.id } == [job.id, nil, job.id])
            #expect(try await reader.list(JobFilter(), tenant: theirs, limit: 10).map(\.tenant) == [theirs])
        }
    }

    @Test func `a row for another tenant cannot be written`() async throws {
        try await Engine.with { engine in
            let write = Statement(
                "test.write",
                """
                INSERT INTO jobs (id, tenant_id, queue, kind, payload, max_attempts, attempt_timeout_seconds, state,
                                  run_at, created_at)
                VALUES ($1, $2, 'default', 'noop', '{}', 1, 1, 'queued', now(), now())
                """)
            let error = await #expect(throws: PostgresError.self) {
                try await engine.gatewayPool.execute(
                    write, [.uuid(JobID.make().uuid), .uuid(TenantID.make().uuid)],
                    settings: JobStore.acting(for: TenantID.make()))
            }
            #expect(error?.sqlState == .insufficientPrivilege)
        }
    }

    @Test func `the worker's role reads messages only as their tenant`() async throws {
        try await Engine.with { engine in
            let tenant = TenantID.make()
            let conversations = Conversations(pool: engine.gatewayPool)
            let question = Conversations.Question(
                conversation: .make(), opensConversation: true, message: .make(), text: "secret", job: .make())
            _ = try await engine.intake.accept(id: question.job, tenant: tenant, key: nil) { transaction in
                let turn = try await conversations.ask(question, tenant: tenant, in: transaction)
                return try AnswerChat(conversation: question.conversation, turn: turn, model: nil).specification()
            }
            let worker = Conversations(pool: engine.workerPool)
            let mine = try await worker.history(of: question.conversation, upTo: 1, tenant: tenant)
            #expect(mine?.question == "secret")
            let theirs = try await worker.history(of: question.conversation, upTo: 1, tenant: .make())
            #expect(theirs == nil)
            let count = Statement("test.messages", "SELECT count(*) FROM messages")
            #expect(try await engine.workerPool.query(count)[0].int(0) == 0)
            // Joining somebody else's conversation finds none.
            let intruder = Conversations.Question(
                conversation: question.conversation, opensConversation: false, message: .make(), text: "x", job: .make()
            )
            await #expect(throws: Conversations.NotFound.self) {
                _ = try await engine.intake.accept(id: intruder.job, tenant: .make(), key: nil) { transaction in
                    let turn = try await conversations.ask(intruder, tenant: .make(), in: transaction)
                    return try AnswerChat(conversation: intruder.conversation, turn: turn, model: nil).specification()
                }
            }
        }
    }
}
