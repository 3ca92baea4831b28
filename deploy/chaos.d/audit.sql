-- The suite's own witness, beside the engine and unknown to it: every change of a job's row, with its commit, in a
-- table of its own. Columns are read by name from the row as JSON: a schema that lacks one must not break the engine's
-- statements.
CREATE SCHEMA chaos;

CREATE TABLE chaos.changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    job uuid NOT NULL,
    from_state text,
    to_state text,
    attempt integer,
    worker text,
    -- Of a row that had ended before: which columns changed.
    touched text[]
);

CREATE TABLE chaos.workers (id text NOT NULL, pid integer, at timestamptz NOT NULL DEFAULT clock_timestamp());

CREATE FUNCTION chaos.witness() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    before jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
    later jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
    had_ended boolean := coalesce(before ->> 'state' IN ('succeeded', 'failed', 'cancelled'), false);
    moved boolean := (before ->> 'state', before ->> 'attempt', before ->> 'worker_id')
        IS DISTINCT FROM (later ->> 'state', later ->> 'attempt', later ->> 'worker_id');
BEGIN
    IF moved OR (had_ended AND before IS DISTINCT FROM later) THEN
        INSERT INTO chaos.changes (job, from_state, to_state, attempt, worker, touched) VALUES (
            coalesce(later ->> 'id', before ->> 'id')::uuid, before ->> 'state', later ->> 'state',
            (later ->> 'attempt')::integer, later ->> 'worker_id',
            CASE WHEN had_ended THEN ARRAY(
                SELECT key FROM jsonb_each(before || later) WHERE before -> key IS DISTINCT FROM later -> key) END);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION chaos.meet() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO chaos.workers (id, pid) VALUES (to_jsonb(NEW) ->> 'id', (to_jsonb(NEW) ->> 'pid')::integer);
    RETURN NULL;
END
$$;

CREATE TRIGGER chaos_witness AFTER INSERT OR UPDATE OR DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION chaos.witness();
CREATE TRIGGER chaos_meet AFTER INSERT ON workers FOR EACH ROW EXECUTE FUNCTION chaos.meet();
