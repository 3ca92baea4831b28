import Domain
import Foundation
import Postgres
import TestSupport
import Testing
import Vault

/// What workers do about accounts by themselves, and when they are asked.
@Suite(.serialized, .timeLimit(.minutes(4))) struct AccountSweepTests {
    @Test func `accounts are swept every night, and when somebody asks`() async throws {
        try await TestSystem.with { system in
            let worker = try await system.startWorker()
            #expect(await worker.line { $0.contains("built-in schedules are set") } != nil)
            let schedules = """
                SELECT count(*) FROM schedules
                WHERE tenant_id = '\(TenantID.operators)' AND specification->>'kind' = 'sweep.accounts'
                  AND next_at BETWEEN now() AND now() + interval '1 day'
                """
            #expect(try await system.count(schedules) == 1)
            try await system.owner.script(
                """
                INSERT INTO audit_events (id, tenant_id, actor, action, created_at)
                SELECT gen_random_uuid(), gen_random_uuid(), 'operator', 'auth.login', now() - hours * interval '1 hour'
                FROM unnest(ARRAY[8759, 8761]) AS hours
                """)
            #expect(try await system.operate("sweep", "accounts", "--wait").status == 0)
            #expect(try await system.count("SELECT count(*) FROM audit_events") == 1)
        }
    }

    @Test func `a worker erases an account that its owner deleted`() async throws {
        try await AccountSystem.with(.es256, SignedUp.settings) { accounts in
            let person = try await SignedUp.make(accounts.client)
            _ = try await person.client(accounts.client).send("POST", "/api/v1/integrations/google/connect", body: "{}")
            let keys = "SELECT count(*) FROM data_keys WHERE tenant_id = '\(person.user)'"
            #expect(try await accounts.system.count(keys) == 1)
            let deleted = try await person.client(accounts.client).send(
                "DELETE", "/api/v1/auth/me", body: #"{"current_password":"\#(SignedUp.password)"}"#)
            #expect(deleted.status == 204)
            let find = Statement("test.erasure", "SELECT id FROM jobs WHERE kind = 'account.erase'")
            let job = JobID(try await accounts.system.owner.query(find)[0].uuid(0))
            let worker = try await accounts.system.startWorker()
            // It first lets the requests that had begun come to their end.
            let end = await worker.line {
                $0.contains("attempt ended") && $0.contains("\(job)") && $0.contains("state=succeeded")
            }
            #expect(end != nil)
            let own = "WHERE tenant_id = '\(person.user)'"
            for sql in [
                "SELECT count(*) FROM users", "SELECT count(*) FROM sessions", "SELECT count(*) FROM memberships",
                "SELECT count(*) FROM tasks \(own)", "SELECT count(*) FROM jobs \(own)", keys,
                "SELECT count(*) FROM authorizations \(own)",
            ] { #expect(try await accounts.system.count(sql) == 0, "\(sql)") }
        }
    }
}
