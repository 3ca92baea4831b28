import Postgres

/// The statements that change events. `$1` workspace, `$2` calendar, `$3` the reading, `$4` the number of the last
/// change; the calendar's row is held.
extension Calendars {
    /// `OFFSET` keeps it from becoming a join.
    private static func oldRow(_ id: String) -> String {
        """
        SELECT event_id, event, version, changed_at, generation FROM calendar_events
        WHERE tenant_id = $1 AND calendar_id = $2 AND event_id = \(id) OFFSET 0
        """
    }

    /// Stores one page. With a series that is deleted go the exceptions and holes that are here, and those that come
    /// later in the same reading: the order of pages makes no difference. What is deleted and was never here leaves no
    /// trace: with such a series go the exceptions that its reading has not seen. Returns how many events changed, and
    /// how many more there are.
    ///
    /// Rows are looked up one by one, by the primary key: a planner that does not know yet how large a calendar is
    /// would read all of it for each of them.
    static let write = Statement(
        "calendars.write",
        """
        WITH page AS (
            SELECT * FROM unnest($5::text[], $6::jsonb[], $7::timestamptz[], $8::timestamptz[], $9::bool[], $10::bool[],
                                 $11::int8[], $12::text[], $13::timestamptz[], $14::bool[]) WITH ORDINALITY
                AS page (event_id, event, first_at, last_at, is_long, is_master, length_seconds, series_id, original_at,
                         is_hole, place)
        ), seen AS (
            SELECT page.*, old.version AS old_version, old.changed_at AS old_changed_at,
                   old.event_id IS NOT NULL AS is_known, old.event AS old_event,
                   series.event IS NOT NULL AS has_series,
                   coalesce(series.event IS NULL AND series.generation = $3, false) AS has_ended
            FROM page LEFT JOIN LATERAL (\(oldRow("page.event_id"))) AS old ON true
                LEFT JOIN LATERAL (\(oldRow("page.series_id"))) AS series ON page.series_id IS NOT NULL
        ), ended AS (
            SELECT event_id, is_known FROM seen WHERE event IS NULL
            UNION
            SELECT series_id, true FROM seen WHERE has_ended AND series_id NOT IN (SELECT event_id FROM page)
        ), items AS (
            SELECT event_id, event, first_at, last_at, is_long, is_master, length_seconds, series_id, original_at,
                   is_hole, place, old_version, old_changed_at, old_event,
                   is_hole AND NOT has_series AND series_id NOT IN (SELECT event_id FROM page WHERE event IS NOT NULL)
                       AS is_loose,
                   event IS NULL OR series_id IS NOT NULL AND series_id IN (SELECT event_id FROM ended WHERE is_known)
                       AS is_gone
            FROM seen WHERE event IS NOT NULL OR is_known
            UNION ALL
            SELECT child.event_id, NULL, NULL, NULL, false, false, 0, NULL, NULL, false, 0, child.version,
                   child.changed_at, child.event, false, true
            FROM ended CROSS JOIN LATERAL (
                SELECT event_id, event, version, changed_at, generation FROM calendar_events
                WHERE tenant_id = $1 AND calendar_id = $2 AND series_id = ended.event_id OFFSET 0) AS child
            WHERE (is_known OR child.generation < $3) AND child.event_id NOT IN (SELECT event_id FROM page)
        ), compared AS (
            SELECT items.*, old_event IS NOT NULL AS was_there,
                   CASE WHEN is_gone THEN old_event IS NOT NULL ELSE old_event IS DISTINCT FROM event END AS is_changed
            FROM items WHERE NOT is_gone OR old_version IS NOT NULL
        ), numbered AS (
            SELECT *, CASE WHEN is_changed
                THEN $4::int8 + row_number() OVER (PARTITION BY is_changed ORDER BY place, event_id)
                ELSE old_version END AS version
            FROM compared
        ), written AS (
            INSERT INTO calendar_events (
                tenant_id, calendar_id, event_id, event, first_at, last_at, is_long, is_master, length_seconds,
                series_id, original_at, is_hole, is_loose, generation, version, changed_at)
            SELECT $1, $2, event_id, CASE WHEN is_gone THEN NULL ELSE event END,
                   CASE WHEN is_gone THEN NULL ELSE first_at END, CASE WHEN is_gone THEN NULL ELSE last_at END,
                   is_long AND NOT is_gone, is_master AND NOT is_gone, CASE WHEN is_gone THEN 0 ELSE length_seconds END,
                   CASE WHEN is_gone THEN NULL ELSE series_id END, CASE WHEN is_gone THEN NULL ELSE original_at END,
                   is_hole AND NOT is_gone, is_loose AND NOT is_gone, $3, version,
                   CASE WHEN is_changed THEN now() ELSE old_changed_at END
            FROM numbered
            ON CONFLICT (tenant_id, calendar_id, event_id) DO UPDATE SET
                event = excluded.event, first_at = excluded.first_at, last_at = excluded.last_at,
                is_long = excluded.is_long, is_master = excluded.is_master, length_seconds = excluded.length_seconds,
                series_id = excluded.series_id, original_at = excluded.original_at, is_hole = excluded.is_hole,
                is_loose = excluded.is_loose, generation = excluded.generation, version = excluded.version,
                changed_at = excluded.changed_at
        )
        SELECT count(*) FILTER (WHERE is_changed), coalesce(sum((NOT is_gone)::int - was_there::int), 0)
        FROM numbered
        """)

    private static func tombstones(_ name: String, where condition: String) -> Statement {
        Statement(
            "calendars.\(name)",
            """
            WITH gone AS (
                SELECT ctid, $4::int8 + row_number() OVER (ORDER BY event_id) AS version
                FROM calendar_events AS item
                WHERE tenant_id = $1 AND calendar_id = $2 AND event IS NOT NULL AND (\(condition))
            )
            UPDATE calendar_events AS item
            SET event = NULL, first_at = NULL, last_at = NULL, is_long = false, is_master = false, length_seconds = 0,
                series_id = NULL, original_at = NULL, is_hole = false, is_loose = false, version = gone.version,
                changed_at = now()
            FROM gone WHERE item.ctid = gone.ctid
            """)
    }

    /// What a full reading has not seen.
    static let unseen = tombstones("unseen", where: "generation < $3")
    static let everything = tombstones("everything", where: "$3::int8 IS NOT NULL")

    private static let hasNoSeries = """
        NOT EXISTS (
            SELECT FROM calendar_events AS series
            WHERE series.tenant_id = $1 AND series.calendar_id = $2 AND series.event_id = item.series_id
              AND series.event IS NOT NULL)
        """

    /// Holes in series that are not here. Those of series that were here when they were written went with their series,
    /// unless a full reading has just found it gone.
    static let allHoles = tombstones("all_holes", where: "$3::int8 IS NOT NULL AND is_hole AND \(hasNoSeries)")
    static let looseHoles = tombstones("loose_holes", where: "$3::int8 IS NOT NULL AND is_loose AND \(hasNoSeries)")

    /// The rest of them have their series.
    static let tighten = Statement(
        "calendars.tighten",
        "UPDATE calendar_events SET is_loose = false WHERE tenant_id = $1 AND calendar_id = $2 AND is_loose")
}
