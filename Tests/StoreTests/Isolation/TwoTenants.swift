import Domain
import Postgres
import TestSupport

/// Two people with a company each, and rows of both in every table that holds a tenant's rows.
struct TwoTenants: Sendable {
    struct Tenant: Sendable {
        let user = UserID.make()
        let company = CompanyID.make()

        var email: String { "\(user)@example.com" }

        /// What the gateway names for a person who works in their company. A secret of another tenant is not known.
        var settings: [PostgresSetting] {
            [
                PostgresSetting("errand.tenants", "\(user),\(company)"),
                PostgresSetting("errand.user", "\(user)"), PostgresSetting("errand.email", email),
                PostgresSetting("errand.secret", String(repeating: "5e", count: 32)),
            ]
        }

        var ids: String { "'\(user)', '\(company)'" }
    }

    let mine = Tenant()
    let theirs = Tenant()

    func plant(_ owner: PostgresPool) async throws {
        for tenant in [mine, theirs] { try await owner.script(Self.rows(of: tenant)) }
        try await owner.script(Self.rowsOfTheEngine)
    }

    /// Two workspaces: rows with a tenant go into both.
    private static func rows(of tenant: Tenant) -> String {
        """
        INSERT INTO users (id, email) VALUES ('\(tenant.user)', '\(tenant.email)');
        INSERT INTO identities (issuer, subject, user_id) VALUES ('https://issuer', '\(tenant.user)', '\(tenant.user)');
        INSERT INTO sessions (id, user_id, expires_at) VALUES (gen_random_uuid(), '\(tenant.user)', now() + '1 day');
        INSERT INTO companies (id, name) VALUES ('\(tenant.company)', 'Company');
        INSERT INTO memberships (company_id, user_id, role) VALUES ('\(tenant.company)', '\(tenant.user)', 'owner');
        INSERT INTO invitations (id, company_id, email, role, invited_by, expires_at)
        VALUES (gen_random_uuid(), '\(tenant.company)', 'guest@example.com', 'member', '\(tenant.user)',
                now() + '1 day');
        CREATE TEMP TABLE workspaces AS SELECT unnest(ARRAY[\(tenant.ids)]::uuid[]) AS id;
        INSERT INTO api_keys (id, tenant_id, name, digest, prefix, scopes, created_by)
        SELECT gen_random_uuid(), id, 'key', sha256(id::text::bytea), 'errand_', '{tasks:read}', '\(tenant.user)'
        FROM workspaces;
        INSERT INTO tasks (id, tenant_id, title, owner_id, created_by)
        SELECT gen_random_uuid(), id, 'task', '\(tenant.user)', '\(tenant.user)' FROM workspaces;
        INSERT INTO audit_events (id, tenant_id, user_id, actor, action)
        SELECT gen_random_uuid(), id, '\(tenant.user)', 'user:\(tenant.user)', 'auth.login' FROM workspaces;
        INSERT INTO conversations (id, tenant_id, title) SELECT gen_random_uuid(), id, 'talk' FROM workspaces;
        INSERT INTO messages (conversation_id, turn, role, id, tenant_id, content, job_id)
        SELECT conversations.id, 1, 'user', gen_random_uuid(), tenant_id, 'secret', gen_random_uuid()
        FROM conversations JOIN workspaces ON workspaces.id = tenant_id;
        INSERT INTO jobs (id, tenant_id, queue, kind, payload, state, max_attempts, attempt_timeout_seconds, run_at,
                          created_at)
        SELECT gen_random_uuid(), id, 'default', 'noop', '{}', 'queued', 5, 600, now(), now() FROM workspaces;
        INSERT INTO job_retries (job_id, retry, tenant_id, from_state, attempt, retried_by)
        SELECT jobs.id, 1, tenant_id, 'failed', 1, 'somebody' FROM jobs JOIN workspaces ON workspaces.id = tenant_id;
        INSERT INTO idempotency_keys (tenant_id, key, request_digest, job_id)
        SELECT id, 'key', sha256('request'), gen_random_uuid() FROM workspaces;
        INSERT INTO batches (id, tenant_id, job_ids)
        SELECT gen_random_uuid(), id, ARRAY[gen_random_uuid()] FROM workspaces;
        INSERT INTO schedules (id, tenant_id, name, rule, specification, next_at)
        SELECT gen_random_uuid(), id, 'nightly', 'every 60', '{}', now() FROM workspaces;
        INSERT INTO tenant_shares (tenant_id) SELECT id FROM workspaces;
        INSERT INTO data_keys (tenant_id, version, wrapped, master_key) SELECT id, 1, 'wk1.k1.AA', 'k1' FROM workspaces;
        INSERT INTO connections (id, tenant_id, provider, account_id, access_token, connected_by)
        SELECT gen_random_uuid(), id, 'google', 'account', 'sv1.1.AA', '\(tenant.user)' FROM workspaces;
        INSERT INTO renewals (id, tenant_id, connection_id, token_version, job_id, attempt, answer_by)
        SELECT gen_random_uuid(), tenant_id, connections.id, 1, gen_random_uuid(), 1, now()
        FROM connections JOIN workspaces ON workspaces.id = tenant_id;
        INSERT INTO authorizations (id, tenant_id, user_id, provider, digest, browser, verifier, redirect_uri,
                                    return_to, expires_at)
        SELECT gen_random_uuid(), id, '\(tenant.user)', 'google', sha256(id::text::bytea), sha256('browser'),
               'sv1.1.AA', 'https://example.com/callback', '/', now() + '1 day' FROM workspaces;
        INSERT INTO calendar_lists (connection_id, tenant_id)
        SELECT connections.id, tenant_id FROM connections JOIN workspaces ON workspaces.id = tenant_id;
        INSERT INTO calendars (id, tenant_id, connection_id, external_id, title, access_role)
        SELECT gen_random_uuid(), tenant_id, connections.id, 'primary', 'calendar', 'owner'
        FROM connections JOIN workspaces ON workspaces.id = tenant_id;
        INSERT INTO calendar_events (tenant_id, calendar_id, event_id, event, generation, version)
        SELECT tenant_id, calendars.id, 'event', '{"summary": "secret"}', 1, 1
        FROM calendars JOIN workspaces ON workspaces.id = tenant_id;
        INSERT INTO calendar_channels (id, tenant_id, calendar_id, digest)
        SELECT gen_random_uuid(), tenant_id, calendars.id, sha256(calendars.id::text::bytea)
        FROM calendars JOIN workspaces ON workspaces.id = tenant_id;
        DROP TABLE workspaces
        """
    }

    private static let rowsOfTheEngine = """
        INSERT INTO workers (id, host, pid, queues, concurrency) VALUES (gen_random_uuid(), 'host', 1, '{default}', 1);
        INSERT INTO buried_workers (id, host, pid, queues) VALUES (gen_random_uuid(), 'host', 1, '{default}');
        INSERT INTO queues (name) VALUES ('default');
        INSERT INTO concurrency_limits (class, max_running) VALUES ('class', 1);
        INSERT INTO gates (key, closed_until, code) VALUES ('gate', now(), 'code');
        INSERT INTO queue_states (counted_at, states) VALUES (now(), '{}')
        """
}
