-- Connections to accounts elsewhere, their tokens, and the renewals of these.
--
-- A token is stored sealed only: by the data key of its workspace, which is stored sealed by a master key that no
-- database holds. Deleting a workspace's data keys makes everything they sealed unreadable, in every backup as well.

CREATE TABLE data_keys (
    tenant_id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    -- Sealed: `wk1.<master key>.<base64url>`.
    wrapped text NOT NULL CHECK (length(wrapped) BETWEEN 1 AND 2000),
    -- The master key that sealed it, to see which are still in use.
    master_key text NOT NULL CHECK (length(master_key) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now(),
    rewrapped_at timestamptz,
    PRIMARY KEY (tenant_id, version)
);
CREATE INDEX data_keys_by_master_key ON data_keys (master_key, tenant_id, version);

CREATE TABLE connections (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    provider text NOT NULL CHECK (provider ~ '^[a-z][a-z0-9_]{0,31}$'),
    -- Where a provider is one of many installations, such as Canvas: which one. Empty otherwise.
    host text NOT NULL DEFAULT '' CHECK (length(host) <= 253),
    -- The account there: what the provider never gives to another.
    account_id text NOT NULL CHECK (length(account_id) BETWEEN 1 AND 300),
    -- How its owner knows it.
    account_name text NOT NULL DEFAULT '' CHECK (length(account_name) <= 300),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'needs_reconnect', 'disconnecting')),
    -- Why it needs a person.
    reason text CHECK (reason ~ '^[a-z][a-z0-9_]{0,62}$'),
    -- As granted, which may be less than was asked for.
    scopes text[] NOT NULL DEFAULT '{}' CHECK (cardinality(scopes) <= 100),
    -- Sealed: `sv1.<version of the data key>.<base64url>`.
    access_token text CHECK (length(access_token) <= 20000),
    refresh_token text CHECK (length(refresh_token) <= 20000),
    -- Counts writes of the tokens: nobody overwrites what they have not read.
    token_version bigint NOT NULL DEFAULT 1 CHECK (token_version >= 1),
    -- The end of the access token, and of the refresh token. NULL: none is known.
    expires_at timestamptz,
    refresh_expires_at timestamptz,
    -- When it is to be renewed ahead of time. NULL: not at all.
    renew_at timestamptz,
    renewed_at timestamptz,
    -- Since the last renewal that went well.
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failed_at timestamptz,
    -- Who is told when it needs reconnecting. NULL: a key made it. No foreign key, which would tell whether an account
    -- has that id (see 0005): erasing an account takes it away.
    connected_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- An account elsewhere is connected once in a workspace: connecting it again renews the same connection.
    UNIQUE (tenant_id, provider, host, account_id),
    UNIQUE (tenant_id, id),
    CONSTRAINT needing_says_why CHECK (state <> 'needs_reconnect' OR reason IS NOT NULL)
);
CREATE INDEX connections_due ON connections (renew_at, id) WHERE state = 'active' AND renew_at IS NOT NULL;
CREATE INDEX connections_ending ON connections (updated_at) WHERE state = 'disconnecting';
CREATE INDEX connections_by_connector ON connections (connected_by) WHERE connected_by IS NOT NULL;

-- Every renewal, written before the provider is asked: one without an outcome was under way when its worker died, and
-- a provider that gives a new refresh token each time may have given one that nobody has.
CREATE TABLE renewals (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    -- The version whose refresh token is used.
    token_version bigint NOT NULL CHECK (token_version >= 1),
    job_id uuid NOT NULL,
    attempt integer NOT NULL CHECK (attempt >= 1),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Until then its answer may still come.
    answer_by timestamptz NOT NULL,
    finished_at timestamptz,
    outcome text CHECK (outcome IN ('renewed', 'superseded', 'refused', 'failed', 'unknown')),
    -- What a failure was classified as.
    code text CHECK (length(code) <= 100),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT finished_says_how CHECK ((finished_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX renewals_of_connection ON renewals (tenant_id, connection_id, token_version, started_at);
CREATE INDEX renewals_by_age ON renewals (started_at);

-- Somebody is at a provider's consent page. The row is found by the state that the provider sends back, once.
CREATE TABLE authorizations (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    -- Who began. NULL: a key.
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    provider text NOT NULL CHECK (provider ~ '^[a-z][a-z0-9_]{0,31}$'),
    host text NOT NULL DEFAULT '' CHECK (length(host) <= 253),
    -- SHA-256 of the state, and of the cookie of the browser that began.
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    browser bytea NOT NULL CHECK (length(browser) = 32),
    -- The PKCE verifier and, once the provider has sent it, the code: sealed.
    verifier text NOT NULL CHECK (length(verifier) <= 2000),
    code text CHECK (length(code) <= 8000),
    redirect_uri text NOT NULL CHECK (length(redirect_uri) <= 2000),
    -- Where the browser goes afterwards: a path of ours, or an address of an allowed origin.
    return_to text NOT NULL CHECK (length(return_to) <= 2000),
    features text[] NOT NULL DEFAULT '{}' CHECK (cardinality(features) <= 20),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    -- The provider has sent its answer; it takes no other.
    used_at timestamptz,
    CONSTRAINT code_comes_with_use CHECK (code IS NULL OR used_at IS NOT NULL)
);
CREATE INDEX authorizations_by_end ON authorizations (expires_at);
CREATE INDEX authorizations_of_user ON authorizations (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX authorizations_of_tenant ON authorizations (tenant_id, id);

-- Jobs that wait for a connection: `connection:<id>` is what they wait for.
CREATE INDEX jobs_waiting_for ON jobs (tenant_id, (failure->>'waits_for')) WHERE state = 'waiting';

ALTER TABLE data_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE renewals ENABLE ROW LEVEL SECURITY;
ALTER TABLE authorizations ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON data_keys TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON connections FOR SELECT TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY making ON connections FOR INSERT TO errand_worker
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY changing ON connections FOR UPDATE TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY erasing ON connections FOR DELETE TO errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON renewals TO errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
-- The browser that comes back from a provider has nothing but the state.
CREATE POLICY own_rows ON authorizations FOR SELECT TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')) OR digest = (SELECT errand_secret()));
CREATE POLICY beginning ON authorizations FOR INSERT TO errand_gateway
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}'))
        AND (user_id IS NULL OR user_id = (SELECT errand_user())));
CREATE POLICY using_up ON authorizations FOR UPDATE TO errand_gateway
    USING (digest = (SELECT errand_secret())) WITH CHECK (digest = (SELECT errand_secret()));
CREATE POLICY ending ON authorizations FOR DELETE TO errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));

-- Sweeps, the rotation of master keys, and the erasure of accounts.
CREATE POLICY operators ON data_keys TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON connections TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON renewals TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON authorizations TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));

GRANT SELECT, INSERT ON data_keys TO errand_gateway, errand_worker;
GRANT UPDATE (wrapped, master_key, rewrapped_at), DELETE ON data_keys TO errand_worker;
GRANT SELECT, UPDATE (state, updated_at) ON connections TO errand_gateway;
GRANT SELECT, INSERT, DELETE, UPDATE (account_name, state, reason, scopes, access_token, refresh_token, token_version,
    expires_at, refresh_expires_at, renew_at, renewed_at, failures, failed_at, connected_by, updated_at) ON connections
    TO errand_worker;
GRANT SELECT, INSERT, UPDATE (finished_at, outcome, code), DELETE ON renewals TO errand_worker;
GRANT SELECT, INSERT, UPDATE (code, used_at) ON authorizations TO errand_gateway;
GRANT SELECT, DELETE ON authorizations TO errand_worker;
