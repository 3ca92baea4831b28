import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// What is over goes, what is not stays.
@Suite struct AccountRetentionTests {
    /// Rows of one table so many hours before and after their time has come.
    private static func fill(_ people: People, _ user: UserID, _ company: CompanyID) async throws {
        let year = "interval '8760 hours'"
        try await people.engine.owner.script(
            """
            INSERT INTO sessions (id, user_id, expires_at, revoked_at, revoked_because)
            SELECT gen_random_uuid(), '\(user)', now() + hours * interval '1 hour', revoked,
                   CASE WHEN revoked IS NOT NULL THEN 'logout' END
            FROM (VALUES (-721, NULL), (-719, NULL), (24, now() - interval '721 hours'),
                         (24, now() - interval '719 hours'), (24, NULL)) AS made (hours, revoked);
            INSERT INTO audit_events (id, tenant_id, actor, action, created_at)
            SELECT gen_random_uuid(), '\(user)', 'operator', 'auth.login', now() - \(year) + hours * interval '1 hour'
            FROM unnest(ARRAY[-1, 1]) AS hours;
            INSERT INTO tasks (id, tenant_id, title, deleted_at)
            SELECT gen_random_uuid(), '\(user)', 't', now() - hours * interval '1 hour'
            FROM unnest(ARRAY[721, 719, NULL]) AS hours;
            INSERT INTO invitations (id, company_id, email, role, expires_at)
            SELECT gen_random_uuid(), '\(company)', hours || '@example.com', 'member',
                   now() - hours * interval '1 hour'
            FROM unnest(ARRAY[721, 719, -1]) AS hours;
            INSERT INTO users (id, email, is_verified, last_login_at, is_superuser, created_at)
            SELECT gen_random_uuid(), name || '@example.org', is_verified, login, is_superuser,
                   now() - hours * interval '1 hour'
            FROM (VALUES ('over', false, NULL, false, 169), ('young', false, NULL, false, 167),
                         ('verified', true, NULL, false, 999), ('used', false, now(), false, 999),
                         ('operator', false, NULL, true, 999), ('elsewhere', false, NULL, false, 999))
                AS made (name, is_verified, login, is_superuser, hours);
            INSERT INTO identities (issuer, subject, user_id)
            SELECT 'issuer', 'subject', id FROM users WHERE email = 'elsewhere@example.org';
            INSERT INTO api_keys (id, tenant_id, name, digest, prefix, scopes, created_at, expires_at)
            VALUES (gen_random_uuid(), '\(user)', 'idle', sha256('x'), 'errand_', '{tasks:read}',
                    now() - interval '9 years', now() - interval '8 years')
            """)
    }

    @Test func `each kind of row has its own time`() async throws {
        try await People.with { people in
            let user = try await people.person()
            let company = try await people.company(of: user)
            try await Self.fill(people, user, company)
            let retention = AccountRetention(pool: people.engine.workerPool, periods: AccountPeriods())
            let swept = try await retention.sweep()
            #expect(swept.sessions == 2)
            #expect(swept.auditEvents == 1)
            #expect(swept.tasks == 1)
            #expect(swept.invitations == 1)
            #expect(swept.accounts == 1)
            #expect(swept.companies == 0)
            #expect(try await people.count("SELECT count(*) FROM sessions") == 3)
            #expect(try await people.count("SELECT count(*) FROM users WHERE email LIKE '%example.org'") == 5)
            #expect(try await people.count("SELECT count(*) FROM users WHERE email = 'over@example.org'") == 0)
            #expect(try await people.count("SELECT count(*) FROM api_keys") == 1)
            #expect(try await retention.sweep() == AccountRetention.Swept())
        }
    }

    @Test func `more than a page goes in one sweep, and a row that somebody holds is left`() async throws {
        try await People.with { people in
            let user = try await people.person()
            try await people.engine.owner.script(
                """
                INSERT INTO sessions (id, user_id, expires_at)
                SELECT gen_random_uuid(), '\(user)', now() - interval '3 years' FROM generate_series(1, 2500)
                """)
            let retention = AccountRetention(pool: people.engine.workerPool, periods: AccountPeriods())
            let hold = Statement("test.hold", "SELECT id FROM sessions LIMIT 4 FOR UPDATE")
            try await people.engine.owner.transaction { transaction in
                _ = try await transaction.query(hold)
                #expect(try await retention.sweep().sessions == 2496)
            }
            #expect(try await retention.sweep().sessions == 4)
        }
    }

    @Test func `a deleted company goes with all that is in it, and nothing of others`() async throws {
        try await Engine.with { engine in
            let tenants = TwoTenants()
            try await tenants.plant(engine.owner)
            let before = try await Traces.fingerprint(of: [tenants.theirs.user.description], engine)
            let retention = AccountRetention(pool: engine.workerPool, periods: AccountPeriods())
            let company = "'\(tenants.mine.company)'"
            try await engine.owner.script(
                "UPDATE companies SET deleted_at = now() - interval '29 days' WHERE id = \(company)")
            #expect(try await retention.sweep().companies == 0)
            try await engine.owner.script(
                "UPDATE companies SET deleted_at = now() - interval '31 days' WHERE id = \(company)")
            #expect(try await retention.sweep().companies == 1)
            let left = try await Traces.tables(naming: tenants.mine.company.description, engine)
            #expect(left == ["audit_events": 1])
            #expect(try await Traces.fingerprint(of: [tenants.theirs.user.description], engine) == before)
            // The person's own workspace is another one.
            #expect(try await Traces.tables(naming: tenants.mine.user.description, engine)["tasks"] == 1)
        }
    }
}
