import Domain
import Jobs
import Postgres
import Store
import TestSupport
import Testing

/// A person who is erased leaves nothing behind that is theirs, and takes nothing that is others'.
@Suite struct AccountErasureTests {
    private func delete(_ user: UserID, _ engine: Engine) async throws {
        try await engine.owner.script("UPDATE users SET deleted_at = now(), is_active = false WHERE id = '\(user)'")
    }

    @Test func `everything of the person's own goes, and nothing of others`() async throws {
        try await Engine.with { engine in
            let tenants = TwoTenants()
            try await tenants.plant(engine.owner)
            let (mine, theirs) = (tenants.mine, tenants.theirs)
            // They made and have tasks in the other's company, too.
            try await engine.owner.script(
                """
                INSERT INTO memberships (company_id, user_id, role)
                VALUES ('\(theirs.company)', '\(mine.user)', 'member');
                INSERT INTO tasks (id, tenant_id, title, owner_id, created_by)
                VALUES (gen_random_uuid(), '\(theirs.company)', 'shared', '\(mine.user)', '\(mine.user)');
                INSERT INTO connections (id, tenant_id, provider, account_id, connected_by)
                VALUES (gen_random_uuid(), '\(theirs.company)', 'google', 'shared', '\(mine.user)')
                """)
            try await delete(mine.user, engine)
            let erasure = AccountErasure(pool: engine.workerPool)
            #expect(try await erasure.erase(mine.user, but: nil) == .busy, "requests may still be under way")
            let before = try await Traces.fingerprint(of: [theirs.user.description], engine)
            #expect(try await erasure.erase(mine.user, but: nil, settleSeconds: 0) == .erased)
            // The log stays for its own time.
            #expect(try await Traces.tables(naming: mine.user.description, engine) == ["audit_events": 2])
            #expect(try await Traces.fingerprint(of: [theirs.user.description], engine) == before)
            let shared = Statement(
                "test.shared", "SELECT count(*) FROM tasks WHERE title = 'shared' AND owner_id IS NULL")
            #expect(try await engine.owner.query(shared)[0].int(0) == 1)
            let connected = Statement(
                "test.connected",
                "SELECT count(*) FROM connections WHERE account_id = 'shared' AND connected_by IS NULL")
            #expect(try await engine.owner.query(connected)[0].int(0) == 1)
            #expect(try await erasure.erase(mine.user, but: nil, settleSeconds: 0) == .gone)
        }
    }

    @Test func `an account that nobody deleted is left alone`() async throws {
        try await Engine.with { engine in
            let tenants = TwoTenants()
            try await tenants.plant(engine.owner)
            let ids = [tenants.mine.user.description]
            let before = try await Traces.fingerprint(of: ids, engine)
            let erasure = AccountErasure(pool: engine.workerPool)
            #expect(try await erasure.erase(tenants.mine.user, but: nil, settleSeconds: 0) == .inUse)
            #expect(try await Traces.fingerprint(of: ids, engine) == before)
        }
    }

    @Test func `running jobs are asked to end, and waited for; the erasing job itself stays`() async throws {
        try await People.with { people in
            let (engine, user) = (people.engine, try await people.person())
            let tenant = TenantID(user)
            let worker = try await engine.register()
            let own = try await engine.accept(tenant: tenant)
            let running = try await engine.accept(tenant: tenant)
            let queued = try await engine.accept(tenant: tenant)
            let others = try await engine.accept(tenant: .make())
            #expect(try await engine.store.claim([own.id, running.id], by: worker).count == 2)
            try await delete(user, engine)
            let erasure = AccountErasure(pool: engine.workerPool)
            #expect(try await erasure.erase(user, but: own.id, settleSeconds: 0) == .busy)
            #expect(try await engine.store.find(queued.id, tenant: tenant) == nil)
            #expect(try await engine.store.find(running.id, tenant: tenant)?.cancelRequested == true)
            #expect(try await engine.store.find(own.id, tenant: tenant)?.cancelRequested == false)
            let ending = Settling(
                job: running.id, attempt: 1, settlement: Settlement(state: .cancelled), lastSequence: nil)
            #expect(try await engine.store.settle([ending], by: worker) == [.cancelled])
            #expect(try await erasure.erase(user, but: own.id, settleSeconds: 0) == .erased)
            #expect(try await engine.store.find(running.id, tenant: tenant) == nil)
            #expect(try await engine.store.find(own.id, tenant: tenant)?.state == .running)
            #expect(try await engine.store.find(others.id, tenant: others.tenant)?.state == .queued)
        }
    }

    @Test func `a company does not lose its last owner with an account`() async throws {
        try await People.with { people in
            let founder = try await people.person()
            let (left, deserted) = (try await people.company(of: founder), try await people.company(of: founder))
            _ = try await people.member(of: left, .member)
            let admin = try await people.member(of: left, .admin)
            try await delete(founder, people.engine)
            let erasure = AccountErasure(pool: people.engine.workerPool)
            #expect(try await erasure.erase(founder, but: nil, settleSeconds: 0) == .erased)
            #expect(try await people.companies.role(of: admin, in: left) == .owner)
            #expect(
                try await people.companies.members(
                    of: left, after: nil, limit: 9, people.caller(admin)
                ).map(\.role).filter { $0 == .owner }.count == 1)
            let ended = "SELECT count(*) FROM companies WHERE deleted_at IS NOT NULL AND id = '\(deserted)'"
            #expect(try await people.count(ended) == 1)
        }
    }

    @Test func `an account whose own job did not get through is erased by the sweep`() async throws {
        try await People.with { people in
            let user = try await people.person()
            try await people.engine.owner.script(
                "UPDATE users SET deleted_at = now() - interval '25 hours' WHERE id = '\(user)'")
            let retention = AccountRetention(pool: people.engine.workerPool, periods: AccountPeriods())
            #expect(try await retention.sweep().accounts == 1)
            #expect(try await people.count("SELECT count(*) FROM users WHERE id = '\(user)'") == 0)
        }
    }
}
