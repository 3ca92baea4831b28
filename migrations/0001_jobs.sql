-- The job engine: workers, jobs, idempotency keys, and who may see what.
--
-- Two roles use the database. Neither owns a table, so row-level security binds both:
--   errand_gateway  sees and writes only rows of the tenants named in the transaction-local setting errand.tenants;
--   errand_worker   runs the engine, so it sees every job, but reads and writes a tenant's own data (0002) only as
--                   that tenant, named the same way.
-- They are created without a password: whoever deploys gives them one, or lets the socket's owner in.
DO $$
DECLARE
    name text;
BEGIN
    -- Roles belong to the whole server: several schemas may be migrated at once.
    PERFORM pg_advisory_xact_lock(hashtext('errand roles'));
    FOREACH name IN ARRAY ARRAY['errand_gateway', 'errand_worker'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), name);
        -- A queue's table is empty one minute and full the next, and statistics are always those of another minute.
        -- Every statement of these roles has one right plan, by index, whatever the table holds: so let no scan of the
        -- whole table look cheap, and do not plan by the values of the moment.
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET enable_seqscan = off', name, current_database());
        -- A scan that is switched off and used all the same, of a table of three workers, looks so dear that PostgreSQL
        -- would compile the statement to machine code each time.
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET jit = off', name, current_database());
        EXECUTE format(
            'ALTER ROLE %I IN DATABASE %I SET plan_cache_mode = force_generic_plan', name, current_database());
    END LOOP;
END
$$;

-- The tenants this transaction acts for: a comma-separated list of UUIDs. Empty when nobody said so, and then no policy
-- matches any row.
CREATE FUNCTION errand_tenants() RETURNS uuid[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(string_to_array(nullif(current_setting('errand.tenants', true), ''), ',')::uuid[], '{}') $$;

-- One row a living worker process. Others judge it by whether `beat` changes, not by any clock.
CREATE TABLE workers (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    queues text[] NOT NULL,
    concurrency integer NOT NULL CHECK (concurrency > 0),
    beat bigint NOT NULL DEFAULT 0,
    beat_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    -- The order of acceptance, within an ordering key and within a queue.
    seq bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id uuid NOT NULL,
    queue text NOT NULL CHECK (queue ~ '^[a-z][a-z0-9_-]{0,62}$'),
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 100),
    payload jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
    ordering_key text CHECK (length(ordering_key) BETWEEN 1 AND 300),
    state text NOT NULL
        CHECK (state IN ('scheduled', 'queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled')),
    -- Counts every start. It is the fence of every write of an attempt, so it never goes down.
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    -- Starts that count; a drain or a snooze gives its start back.
    attempts_spent integer NOT NULL DEFAULT 0 CHECK (attempts_spent BETWEEN 0 AND attempt),
    max_attempts integer NOT NULL CHECK (max_attempts BETWEEN 1 AND 100),
    attempt_timeout_seconds integer NOT NULL CHECK (attempt_timeout_seconds BETWEEN 1 AND 86400),
    -- When it may run, and so since when it is late.
    run_at timestamptz NOT NULL,
    worker_id uuid,
    cancel_requested_at timestamptz,
    result jsonb,
    failure jsonb CHECK (jsonb_typeof(failure) = 'object'),
    -- The last event of the attempt that ended the job.
    last_sequence integer CHECK (last_sequence >= 0),
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT running_has_a_worker CHECK ((state = 'running') = (worker_id IS NOT NULL)),
    CONSTRAINT terminal_has_an_end CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT running_was_started CHECK (state <> 'running' OR (attempt > 0 AND started_at IS NOT NULL)),
    CONSTRAINT failed_says_why CHECK (state <> 'failed' OR failure IS NOT NULL)
) WITH (
    -- Every job is updated twice soon after it is written: vacuum early, by a small share of the table.
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1, fillfactor = 80
);

-- A tenant's list, newest first: ids sort by time (UUIDv7).
CREATE INDEX jobs_of_tenant ON jobs (tenant_id, id);
-- What the reconciler compares with the Redis lists.
CREATE INDEX jobs_queued ON jobs (queue, seq) WHERE state = 'queued';
-- What is due next.
CREATE INDEX jobs_scheduled ON jobs (run_at) WHERE state = 'scheduled';
-- What a worker is to stop.
CREATE INDEX jobs_to_cancel ON jobs (worker_id) WHERE state = 'running' AND cancel_requested_at IS NOT NULL;
-- What a dead worker leaves behind.
CREATE INDEX jobs_running ON jobs (worker_id) WHERE state = 'running';
-- The queue behind an ordering key ...
CREATE INDEX jobs_in_order ON jobs (tenant_id, ordering_key, seq)
    WHERE ordering_key IS NOT NULL AND state IN ('scheduled', 'queued', 'running', 'waiting');
-- ... of which the store itself lets only one run.
CREATE UNIQUE INDEX jobs_one_running_per_key ON jobs (tenant_id, ordering_key)
    WHERE ordering_key IS NOT NULL AND state = 'running';

-- What a client's Idempotency-Key made, kept 24 hours.
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_digest bytea NOT NULL CHECK (length(request_digest) = 32),
    job_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

ALTER TABLE workers ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY engine ON workers TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY engine ON jobs TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY engine ON idempotency_keys FOR ALL TO errand_worker USING (true) WITH CHECK (true);
-- `SELECT errand_tenants()` as a subquery is evaluated once a statement, not once a row.
CREATE POLICY own_rows ON jobs TO errand_gateway
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON idempotency_keys TO errand_gateway
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));

GRANT SELECT, INSERT, UPDATE, DELETE ON workers TO errand_worker;
GRANT SELECT, INSERT, UPDATE ON jobs TO errand_worker;
GRANT SELECT, DELETE ON idempotency_keys TO errand_worker;
GRANT SELECT, INSERT, UPDATE ON jobs, idempotency_keys TO errand_gateway;
