-- Priorities, unique jobs, limits, gates, schedules, batches, retention: what the engine needs beyond one queue.

-- What a job may say about when it runs.
ALTER TABLE jobs
    -- Orders a tenant's own jobs within a queue: 1 is most urgent. Between tenants the shares decide.
    ADD COLUMN priority smallint NOT NULL DEFAULT 2 CHECK (priority BETWEEN 1 AND 4),
    -- At most one job with the same key waits to start (see jobs_one_pending_per_unique_key).
    ADD COLUMN unique_key text CHECK (length(unique_key) BETWEEN 1 AND 300),
    -- Jobs with the same key share a limit: that of the class, the part before the first colon.
    ADD COLUMN concurrency_key text CHECK (length(concurrency_key) BETWEEN 1 AND 300),
    -- The provider's quota this job draws on: while its gate is closed the job is held back.
    ADD COLUMN gate text CHECK (length(gate) BETWEEN 1 AND 300),
    -- It fails unless it has started, or has ended, by then.
    ADD COLUMN start_by timestamptz,
    ADD COLUMN finish_by timestamptz,
    -- The batch whose end waits for this job, and the job whose settling made this one.
    ADD COLUMN batch_id uuid,
    ADD COLUMN parent_id uuid,
    -- How far the current attempt says it is.
    ADD COLUMN progress jsonb CHECK (jsonb_typeof(progress) = 'object'),
    -- The workers that died while they ran it, newest last.
    ADD COLUMN deaths jsonb CHECK (jsonb_typeof(deaths) = 'array'),
    -- W3C traceparent of the request that made it.
    ADD COLUMN trace text CHECK (length(trace) <= 200),
    -- How often a person brought it back from its end, and when last.
    ADD COLUMN retries smallint NOT NULL DEFAULT 0 CHECK (retries >= 0),
    ADD COLUMN retried_at timestamptz,
    -- A failed job a person has seen and does not want back.
    ADD COLUMN discarded_at timestamptz,
    ADD CONSTRAINT only_failed_are_discarded CHECK (discarded_at IS NULL OR state = 'failed');

-- A queue's table is read from the front, list by list: a list is what one tenant has at one priority.
DROP INDEX jobs_queued;
CREATE INDEX jobs_queued ON jobs (queue, tenant_id, priority, seq) WHERE state = 'queued';
-- Counting what runs: by worker, then by queue and tenant.
DROP INDEX jobs_running;
CREATE INDEX jobs_running ON jobs (worker_id, queue, tenant_id) WHERE state = 'running';
CREATE INDEX jobs_by_concurrency_key ON jobs (tenant_id, concurrency_key, state, seq)
    WHERE concurrency_key IS NOT NULL AND state IN ('queued', 'running');
-- A job that has started once is not pending any more, also while it waits for its next attempt: a retry must never
-- collide with the one that trails it.
CREATE UNIQUE INDEX jobs_one_pending_per_unique_key ON jobs (tenant_id, unique_key)
    WHERE unique_key IS NOT NULL AND attempt = 0 AND state IN ('scheduled', 'queued');
-- Which job stands in a new one's way. Two, so that a key's long history of failures is never read.
CREATE INDEX jobs_unfinished_by_unique_key ON jobs (tenant_id, unique_key, seq)
    WHERE unique_key IS NOT NULL AND state IN ('scheduled', 'queued', 'running', 'waiting');
CREATE INDEX jobs_succeeded_by_unique_key ON jobs (tenant_id, unique_key, seq)
    WHERE unique_key IS NOT NULL AND state = 'succeeded';
-- Whether a batch has unfinished jobs, and how many are in which state.
CREATE INDEX jobs_of_batch ON jobs (batch_id, state) WHERE batch_id IS NOT NULL;
CREATE INDEX jobs_to_start_by ON jobs (start_by) WHERE start_by IS NOT NULL AND state IN ('scheduled', 'queued');
CREATE INDEX jobs_to_finish_by ON jobs (finish_by)
    WHERE finish_by IS NOT NULL AND state IN ('scheduled', 'queued', 'waiting');
CREATE INDEX jobs_dead ON jobs (tenant_id, id) WHERE state = 'failed' AND discarded_at IS NULL;

-- Workers that were buried, for the evidence on jobs that killed them. Pruned after 7 days.
CREATE TABLE buried_workers (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    queues text[] NOT NULL,
    buried_at timestamptz NOT NULL DEFAULT now(),
    -- What it had taken and not claimed is back in its lists.
    returned_at timestamptz,
    -- The process came back: it had only lost touch.
    survived_at timestamptz
);
CREATE INDEX buried_workers_to_return ON buried_workers (buried_at) WHERE returned_at IS NULL;

-- What ops set for a queue. A queue without a row is open and unlimited.
CREATE TABLE queues (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
    paused_at timestamptz,
    -- Running jobs over all workers.
    max_running integer CHECK (max_running >= 1),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- What ops set for a tenant. A tenant without a row has weight 1 and no limit.
CREATE TABLE tenant_shares (
    tenant_id uuid PRIMARY KEY,
    -- Its share of every queue in which others wait too.
    weight double precision NOT NULL DEFAULT 1 CHECK (weight BETWEEN 0.01 AND 100),
    max_running integer CHECK (max_running >= 1),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- How many jobs with the same concurrency key may run, by the key's class.
CREATE TABLE concurrency_limits (
    class text PRIMARY KEY CHECK (class ~ '^[a-z][a-z0-9_.-]{0,62}$'),
    max_running integer NOT NULL CHECK (max_running >= 1),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Quotas that a provider said are used up, until when.
CREATE TABLE gates (
    key text PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 300),
    closed_until timestamptz NOT NULL,
    code text NOT NULL,
    closed_at timestamptz NOT NULL DEFAULT now()
);

-- Fan-out: when all jobs of a batch have ended, its callback becomes a job.
CREATE TABLE batches (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    -- The jobs that were asked for, in that order: one that was deduplicated is another's, and not waited for.
    job_ids uuid[] NOT NULL CHECK (cardinality(job_ids) BETWEEN 1 AND 10000),
    -- The specification of the callback job; NULL: nobody is called.
    callback jsonb CHECK (jsonb_typeof(callback) = 'object'),
    callback_job_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX batches_unfinished ON batches (id) WHERE finished_at IS NULL;
CREATE INDEX batches_of_tenant ON batches (tenant_id, id);

-- Periodic work. `next_at` is the truth: whoever advances it, in the transaction that writes the job, has fired it.
CREATE TABLE schedules (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_.-]{0,62}$'),
    -- A cron expression of five fields, or `every N` seconds.
    rule text NOT NULL CHECK (length(rule) BETWEEN 1 AND 200),
    time_zone text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 64),
    -- The specification of the job it makes.
    specification jsonb NOT NULL CHECK (jsonb_typeof(specification) = 'object'),
    paused_at timestamptz,
    next_at timestamptz NOT NULL,
    last_fired_at timestamptz,
    last_job_id uuid,
    -- Ticks that passed unnoticed and were made good by one job.
    coalesced bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, name)
);
CREATE INDEX schedules_due ON schedules (next_at) WHERE paused_at IS NULL;

-- Every time a person brought a job back from its end.
CREATE TABLE job_retries (
    job_id uuid NOT NULL,
    retry smallint NOT NULL CHECK (retry >= 1),
    tenant_id uuid NOT NULL,
    from_state text NOT NULL,
    attempt integer NOT NULL,
    failure jsonb,
    finished_at timestamptz,
    retried_by text NOT NULL,
    retried_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_id, retry)
);

ALTER TABLE buried_workers ENABLE ROW LEVEL SECURITY;
ALTER TABLE queues ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_shares ENABLE ROW LEVEL SECURITY;
ALTER TABLE concurrency_limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE gates ENABLE ROW LEVEL SECURITY;
ALTER TABLE batches ENABLE ROW LEVEL SECURITY;
ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE job_retries ENABLE ROW LEVEL SECURITY;

CREATE POLICY engine ON buried_workers TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY engine ON queues TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY engine ON tenant_shares TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY engine ON concurrency_limits TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY engine ON gates TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY engine ON batches TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY engine ON schedules TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY engine ON job_retries TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY own_rows ON batches TO errand_gateway
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON schedules TO errand_gateway
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON job_retries TO errand_gateway
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
-- A gateway may look at the state of a queue, and set it in the name of a service key.
CREATE POLICY gateway ON queues TO errand_gateway USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON buried_workers, queues, tenant_shares, concurrency_limits, gates
    TO errand_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON batches, schedules, job_retries TO errand_worker;
GRANT DELETE ON jobs TO errand_worker;
GRANT SELECT, INSERT, UPDATE ON queues TO errand_gateway;
GRANT SELECT, INSERT ON batches, job_retries TO errand_gateway;
GRANT SELECT, INSERT, UPDATE, DELETE ON schedules TO errand_gateway;
