-- What operators look at, and what is thrown away.

-- What each worker did in the last minute, written by itself every few seconds: counting ended jobs in the table would
-- need an index that every settle pays for.
ALTER TABLE workers ADD COLUMN recent jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(recent) = 'array');

-- Jobs that need a person.
CREATE INDEX jobs_waiting ON jobs (queue, tenant_id) WHERE state = 'waiting';

-- The state of all queues as somebody counted it last, so that not everybody who asks counts again.
CREATE TABLE queue_states (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    counted_at timestamptz NOT NULL,
    states jsonb NOT NULL CHECK (jsonb_typeof(states) = 'object')
);

-- How far the jobs have been looked through for old ones. Whoever locks the row looks at the next part.
CREATE TABLE prunings (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    -- The last job that was looked at.
    position uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    next_at timestamptz NOT NULL DEFAULT now(),
    -- When the walk that is under way began.
    started_at timestamptz NOT NULL DEFAULT now(),
    -- Jobs deleted since there has been a table.
    pruned bigint NOT NULL DEFAULT 0
);
INSERT INTO prunings DEFAULT VALUES;

ALTER TABLE queue_states ENABLE ROW LEVEL SECURITY;
ALTER TABLE prunings ENABLE ROW LEVEL SECURITY;
CREATE POLICY engine ON queue_states TO errand_worker USING (true) WITH CHECK (true);
CREATE POLICY engine ON prunings TO errand_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON queue_states TO errand_worker;
GRANT SELECT, UPDATE ON prunings TO errand_worker;
