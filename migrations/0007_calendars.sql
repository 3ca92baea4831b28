-- The mirror of connected accounts' calendars. The provider is the truth: all of this can be read again.

-- The list of an account's calendars, as far as it was read.
CREATE TABLE calendar_lists (
    tenant_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    -- What the provider gave to ask for changes with. NULL: the next reading is of everything.
    sync_token text CHECK (length(sync_token) <= 4000),
    -- Counts readings: what a reading of everything has not seen is gone, and an older reading writes nothing.
    generation bigint NOT NULL DEFAULT 0,
    synced_at timestamptz,
    next_sync_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, connection_id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX calendar_lists_due ON calendar_lists (next_sync_at, connection_id);

CREATE TABLE calendars (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    -- What the provider calls it.
    external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 1000),
    title text NOT NULL CHECK (length(title) <= 1000),
    description text CHECK (length(description) <= 8200),
    -- IANA. What is all day, or has no zone of its own, means this one.
    time_zone text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 64),
    color text CHECK (color ~ '^#[0-9a-f]{6}$'),
    access_role text NOT NULL CHECK (length(access_role) BETWEEN 1 AND 40),
    is_primary boolean NOT NULL DEFAULT false,
    -- False: somebody wants it not mirrored. It has no events here then.
    is_selected boolean NOT NULL DEFAULT true,
    -- The reading of the list that saw it last.
    list_generation bigint NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'ready', 'unavailable')),
    -- Why it cannot be read, and since when.
    reason text CHECK (reason ~ '^[a-z][a-z0-9_]{0,62}$'),
    lost_at timestamptz,
    sync_token text CHECK (length(sync_token) <= 4000),
    -- Counts readings, as in calendar_lists.
    generation bigint NOT NULL DEFAULT 0,
    -- Until then nobody asks to be told of its changes: the provider has refused that.
    watch_after timestamptz,
    -- Rows of calendar_events that are no tombstones.
    event_count bigint NOT NULL DEFAULT 0 CHECK (event_count >= 0),
    -- Numbers the changes of this calendar's events, in the order of their commits: each changes this row first.
    version bigint NOT NULL DEFAULT 0,
    -- Changes up to here may have lost their tombstones.
    pruned_version bigint NOT NULL DEFAULT 0,
    synced_at timestamptz,
    full_synced_at timestamptz,
    -- When it is read again, though nobody tells of a change.
    next_sync_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, connection_id, external_id),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT unavailable_says_why CHECK (state <> 'unavailable' OR reason IS NOT NULL)
);
CREATE INDEX calendars_due ON calendars (next_sync_at, id) WHERE is_selected;
CREATE INDEX calendars_lost ON calendars (lost_at) WHERE lost_at IS NOT NULL;

CREATE TABLE calendar_events (
    tenant_id uuid NOT NULL,
    calendar_id uuid NOT NULL,
    -- What the provider calls it.
    event_id text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 1100),
    -- `CalendarEvent`. NULL: it was deleted, and the row is its tombstone.
    event jsonb,
    -- When it may take place, with room for every zone that a day can mean. Of a series: all of it.
    first_at timestamptz,
    -- What starts or ends then belongs to it. NULL with `first_at`: it has no end, or none that is known.
    last_at timestamptz,
    -- It has no end, or lasts so long that whoever looks for what takes place looks at it apart from the others.
    is_long boolean NOT NULL DEFAULT false,
    is_master boolean NOT NULL DEFAULT false,
    -- Of a series: what one occurrence takes at most.
    length_seconds bigint NOT NULL DEFAULT 0 CHECK (length_seconds BETWEEN 0 AND 4000000000),
    -- Of an exception: the series, and when its occurrence would be.
    series_id text CHECK (length(series_id) BETWEEN 1 AND 1100),
    original_at timestamptz,
    -- A cancelled exception: a hole in its series.
    is_hole boolean NOT NULL DEFAULT false,
    -- A hole whose series was not here when it was written. There is none once a reading has ended.
    is_loose boolean NOT NULL DEFAULT false,
    -- The reading that saw it last; of everything, or of changes.
    generation bigint NOT NULL,
    -- The change that made it what it is.
    version bigint NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, calendar_id, event_id),
    FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendars (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT tombstone_is_bare CHECK (
        event IS NOT NULL OR (
            first_at IS NULL AND series_id IS NULL AND NOT is_long AND NOT is_master AND NOT is_hole)),
    CONSTRAINT hole_has_series CHECK (NOT is_hole OR series_id IS NOT NULL),
    CONSTRAINT loose_is_hole CHECK (is_hole OR NOT is_loose)
);
-- Where these begin with the workspace as the primary key does, a planner without statistics takes any of them for it.
CREATE UNIQUE INDEX calendar_events_changes ON calendar_events (calendar_id, version, tenant_id);
CREATE INDEX calendar_events_short ON calendar_events (calendar_id, first_at)
    WHERE event IS NOT NULL AND NOT is_hole AND NOT is_long;
CREATE INDEX calendar_events_long ON calendar_events (calendar_id, first_at, last_at)
    WHERE event IS NOT NULL AND NOT is_hole AND is_long;
CREATE INDEX calendar_events_series ON calendar_events (calendar_id, series_id, original_at)
    WHERE series_id IS NOT NULL;
CREATE INDEX calendar_events_loose ON calendar_events (calendar_id) WHERE is_loose;
CREATE INDEX calendar_events_tombstones ON calendar_events (changed_at) WHERE event IS NULL;

-- How a provider tells of changes. A row is written before the provider is asked, so that a channel that was opened
-- and not heard of is known, and is let to end.
CREATE TABLE calendar_channels (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    calendar_id uuid NOT NULL,
    -- SHA-256 of the channel's own secret, which comes with every notification.
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    -- What the provider calls that which is watched. NULL: it has not answered.
    resource_id text CHECK (length(resource_id) BETWEEN 1 AND 1000),
    state text NOT NULL DEFAULT 'opening' CHECK (state IN ('opening', 'open', 'closing')),
    -- As the provider says. NULL: it has not answered.
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    notified_at timestamptz,
    notifications bigint NOT NULL DEFAULT 0,
    FOREIGN KEY (tenant_id, calendar_id) REFERENCES calendars (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX calendar_channels_of_calendar ON calendar_channels (tenant_id, calendar_id);
CREATE INDEX calendar_channels_by_end ON calendar_channels (expires_at);

ALTER TABLE calendar_lists ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendars ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_channels ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON calendar_lists TO errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON calendars TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
CREATE POLICY own_rows ON calendar_events TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));
-- A notification has nothing but the channel's secret.
CREATE POLICY own_rows ON calendar_channels FOR SELECT TO errand_gateway, errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')) OR digest = (SELECT errand_secret()));
CREATE POLICY noting ON calendar_channels FOR UPDATE TO errand_gateway
    USING (digest = (SELECT errand_secret())) WITH CHECK (digest = (SELECT errand_secret()));
CREATE POLICY working ON calendar_channels TO errand_worker
    USING (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')))
    WITH CHECK (tenant_id = ANY (coalesce((SELECT errand_tenants()), '{}')));

-- Sweeps, and the erasure of accounts.
CREATE POLICY operators ON calendar_lists TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON calendars TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON calendar_events TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));
CREATE POLICY operators ON calendar_channels TO errand_worker
    USING ((SELECT errand_operator())) WITH CHECK ((SELECT errand_operator()));

GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_lists, calendars, calendar_events, calendar_channels TO errand_worker;
GRANT SELECT, UPDATE (is_selected, next_sync_at) ON calendars TO errand_gateway;
GRANT SELECT ON calendar_events TO errand_gateway;
GRANT SELECT, UPDATE (notified_at, notifications) ON calendar_channels TO errand_gateway;
