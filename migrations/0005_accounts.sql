-- Who may use Errand: people, their sessions, API keys, companies and their members; and what a company works on.
--
-- A tenant is a person's own workspace (its id is the user's) or a company's (its id is the company's). What a
-- transaction may see is what it names, in transaction-local settings:
--   errand.tenants  the workspaces it acts for, as before;
--   errand.user     the person it acts as;
--   errand.email    an address somebody typed: shows the account of that address and no other;
--   errand.secret   the SHA-256, in hexadecimal, of a secret somebody presented: shows the row of that secret;
--   errand.operator 'on' for an operator's command, which the worker's role alone may use.
-- Nobody who names nothing sees anything, and no row can be found by searching.

CREATE FUNCTION errand_user() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('errand.user', true), '')::uuid $$;

CREATE FUNCTION errand_secret() RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT decode(nullif(current_setting('errand.secret', true), ''), 'hex') $$;

CREATE FUNCTION errand_operator() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('errand.operator', true) = 'on', false) $$;

CREATE TABLE users (
    -- Also the id of the person's own workspace.
    id uuid PRIMARY KEY,
    -- Trimmed, in lower case.
    email text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    -- The address this one is to be replaced by, once it is verified.
    pending_email text CHECK (pending_email = lower(pending_email) AND length(pending_email) BETWEEN 3 AND 254),
    name text NOT NULL DEFAULT '' CHECK (length(name) <= 200),
    -- A PHC string of Argon2id, or a bcrypt hash from elsewhere. NULL: signs in by an identity only.
    password_hash text CHECK (length(password_hash) <= 500),
    is_active boolean NOT NULL DEFAULT true,
    is_verified boolean NOT NULL DEFAULT false,
    -- An operator: may do what a service key may.
    is_superuser boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_login_at timestamptz,
    -- The account is being erased.
    deleted_at timestamptz
);
CREATE INDEX users_ended ON users (deleted_at) WHERE deleted_at IS NOT NULL;
-- Accounts that nobody ever used.
CREATE INDEX users_never_seen ON users (created_at) WHERE NOT is_verified AND last_login_at IS NULL;

-- Who a person is elsewhere: the issuer and subject of tokens that others sign.
CREATE TABLE identities (
    issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 300),
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 300),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_of_user ON identities (user_id);

-- One sign-in: the family of its refresh tokens. A token is computed from session and generation, so none is kept.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The newest refresh token that was handed out.
    generation integer NOT NULL DEFAULT 0 CHECK (generation >= 0),
    rotated_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_because text
        CHECK (revoked_because IN ('logout', 'revoked', 'reuse', 'password_changed', 'account_deleted', 'operator')),
    -- How its owner recognises it.
    user_agent text NOT NULL DEFAULT '' CHECK (length(user_agent) <= 300),
    address text NOT NULL DEFAULT '' CHECK (length(address) <= 45),
    CONSTRAINT revoked_says_why CHECK ((revoked_at IS NULL) = (revoked_because IS NULL))
);
CREATE INDEX sessions_of_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_end ON sessions (expires_at);
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE companies (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
CREATE INDEX companies_deleted ON companies (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE memberships (
    company_id uuid NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, user_id)
);
CREATE INDEX memberships_of_user ON memberships (user_id);

CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    company_id uuid NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    invited_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX invitations_one_open ON invitations (company_id, email)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_by_end ON invitations (expires_at);
-- Erasing an account looks for everything that names it; so do the indexes on created_by and owner_id below.
CREATE INDEX invitations_by_inviter ON invitations (invited_by) WHERE invited_by IS NOT NULL;
CREATE INDEX invitations_by_email ON invitations (email) WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- Keys of servers and of cron. The key itself is shown once.
CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    -- All zeros: an operators' key.
    tenant_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    -- The beginning of the key, by which its owner recognises it.
    prefix text NOT NULL CHECK (length(prefix) <= 20),
    scopes text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 50),
    created_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_keys_of_tenant ON api_keys (tenant_id, id);
CREATE INDEX api_keys_by_creator ON api_keys (created_by) WHERE created_by IS NOT NULL;

CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    -- A company's, or a person's own workspace.
    tenant_id uuid NOT NULL,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
    notes text NOT NULL DEFAULT '' CHECK (length(notes) <= 10000),
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_progress', 'done', 'cancelled')),
    due_date date,
    -- Who is to do it.
    owner_id uuid REFERENCES users (id) ON DELETE SET NULL,
    created_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- Counts changes: the task's ETag.
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    deleted_at timestamptz
);
CREATE INDEX tasks_of_tenant ON tasks (tenant_id, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_by_owner ON tasks (tenant_id, owner_id, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_by_due_date ON tasks (tenant_id, due_date, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_deleted ON tasks (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_deleted_of_tenant ON tasks (tenant_id, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_of_owner ON tasks (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX tasks_by_creator ON tasks (created_by) WHERE created_by IS NOT NULL;

-- What was done that matters for security. Written, read, never changed.
CREATE TABLE audit_events (
    id uuid PRIMARY KEY,
    -- The workspace it happened in; NULL: none, such as a sign-in with an unknown address.
    tenant_id uuid,
    -- The person it was done to or by.
    user_id uuid,
    -- `user:<id>`, `key:<id>`, `operator`, `service`, `anonymous`.
    actor text NOT NULL CHECK (length(actor) BETWEEN 1 AND 100),
    action text NOT NULL CHECK (action ~ '^[a-z_]+(\.[a-z_]+)*$' AND length(action) <= 100),
    -- What it was done to: `session:<id>`, `task:<id>`, ...
    subject text CHECK (length(subject) <= 200),
    address text NOT NULL DEFAULT '' CHECK (length(address) <= 45),
    request_id text NOT NULL DEFAULT '' CHECK (length(request_id) <= 100),
    details jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_events_of_tenant ON audit_events (tenant_id, id);
CREATE INDEX audit_events_of_user ON audit_events (user_id, id);
CREATE INDEX audit_events_by_age ON audit_events (created_at);

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE companies ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
-- The migrator's own table: no role but its owner has to do with it.
ALTER TABLE schema_migrations ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON memberships FOR SELECT TO errand_gateway, errand_worker
    USING (company_id = ANY (coalesce((SELECT errand_tenants()), '{}')) OR user_id = (SELECT errand_user()));
-- One joins oneself: whoever could make others members could see their accounts (see `colleagues`).
CREATE POLICY joining ON memberships FOR INSERT TO errand_gateway, errand_worker
    WITH CHECK (company_id = ANY (coalesce((SELECT errand_tenants()), '{}')) AND user_id = (SELECT errand_user()));
CREATE POLICY changing ON memberships FOR UPDATE TO errand_gateway, errand_worker
    USING (company_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (company_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY leaving ON memberships FOR DELETE TO errand_gateway, errand_worker
    USING (company_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_row ON users TO errand_gateway, errand_worker
    USING (id = (SELECT errand_user()) OR email = (SELECT nullif(current_setting('errand.email', true), '')))
    WITH CHECK (id = (SELECT errand_user()));
-- Members of a company see each other.
CREATE POLICY colleagues ON users FOR SELECT TO errand_gateway, errand_worker
    USING (id IN (
        SELECT user_id FROM memberships WHERE company_id = ANY (coalesce((SELECT errand_tenants()), '{}'))));
CREATE POLICY own_rows ON identities TO errand_gateway, errand_worker
    USING (user_id = (SELECT errand_user())
        OR errand_secret() = sha256(convert_to(issuer || ' ' || subject, 'UTF8')))
    WITH CHECK (user_id = (SELECT errand_user()));
CREATE POLICY own_rows ON sessions TO errand_gateway, errand_worker
    USING (user_id = (SELECT errand_user())) WITH CHECK (user_id = (SELECT errand_user()));
CREATE POLICY own_rows ON companies TO errand_gateway, errand_worker
    USING (id = ANY (coalesce((SELECT errand_tenants()), '{}'))
        OR id IN (SELECT company_id FROM memberships WHERE user_id = (SELECT errand_user())))
    WITH CHECK (id = ANY (coalesce((SELECT errand_tenants()), '{}')));
-- A foreign key is checked without row-level security, so naming a person in a new row would tell whether an account
-- has that id: rows name whoever acts, or nobody, and tasks name members.
CREATE POLICY own_rows ON invitations FOR SELECT TO errand_gateway, errand_worker
    USING (company_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY inviting ON invitations FOR INSERT TO errand_gateway, errand_worker
    WITH CHECK (company_id = ANY (coalesce((SELECT errand_tenants()), '{}'))
        AND (invited_by IS NULL OR invited_by = (SELECT errand_user())));
CREATE POLICY ending ON invitations FOR UPDATE TO errand_gateway, errand_worker
    USING (company_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (company_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON api_keys FOR SELECT TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')) OR digest = (SELECT errand_secret()));
CREATE POLICY making ON api_keys FOR INSERT TO errand_gateway, errand_worker
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}'))
        AND (created_by IS NULL OR created_by = (SELECT errand_user())));
CREATE POLICY changing ON api_keys FOR UPDATE TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY erasing ON api_keys FOR DELETE TO errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON tasks FOR SELECT TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
-- Who is to do it is a member of the company; in one's own workspace, oneself, whose id is the workspace's.
CREATE POLICY making ON tasks FOR INSERT TO errand_gateway, errand_worker
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}'))
        AND (created_by IS NULL OR created_by = (SELECT errand_user()))
        AND (owner_id IS NULL OR owner_id = tenant_id OR EXISTS (
            SELECT FROM memberships
            WHERE memberships.company_id = tasks.tenant_id AND memberships.user_id = tasks.owner_id)));
CREATE POLICY changing ON tasks FOR UPDATE TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}'))
        AND (owner_id IS NULL OR owner_id = tenant_id OR EXISTS (
            SELECT FROM memberships
            WHERE memberships.company_id = tasks.tenant_id AND memberships.user_id = tasks.owner_id)));
CREATE POLICY erasing ON tasks FOR DELETE TO errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON audit_events FOR SELECT TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')) OR user_id = (SELECT errand_user()));
CREATE POLICY writing ON audit_events FOR INSERT TO errand_gateway, errand_worker
    WITH CHECK (tenant_id IS NULL OR tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}'))
        OR tenant_id = (SELECT errand_user()));

-- Operators' commands and the sweeps of old rows.
CREATE POLICY operators ON users TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON identities TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON sessions TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON companies TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON memberships TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON invitations TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON api_keys TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON tasks TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON audit_events TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));

GRANT SELECT, INSERT, UPDATE ON users, sessions TO errand_gateway, errand_worker;
-- What a row belongs to, and who made it, never changes.
GRANT SELECT, INSERT, UPDATE (name, updated_at, deleted_at) ON companies TO errand_gateway, errand_worker;
GRANT SELECT, INSERT, UPDATE (expires_at, accepted_at, revoked_at) ON invitations TO errand_gateway, errand_worker;
GRANT SELECT, INSERT, UPDATE (title, notes, status, due_date, owner_id, updated_at, version, deleted_at) ON tasks
    TO errand_gateway, errand_worker;
GRANT SELECT, INSERT, UPDATE (name, scopes, expires_at, last_used_at, revoked_at) ON api_keys
    TO errand_gateway, errand_worker;
GRANT SELECT, INSERT, DELETE, UPDATE (role) ON memberships TO errand_gateway, errand_worker;
GRANT SELECT, INSERT ON identities, audit_events TO errand_gateway, errand_worker;
-- Erasing an account, and sweeping what is old.
GRANT DELETE ON users, identities, sessions, companies, invitations, api_keys, tasks, audit_events TO errand_worker;
GRANT DELETE ON conversations, messages TO errand_worker;
