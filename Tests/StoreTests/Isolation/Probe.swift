import Domain
import Postgres

/// One attempt to see, or to change, what is another tenant's.
struct Probe: Sendable {
    let name: String
    /// Run before, in the same transaction.
    var before: [String] = []
    /// Gives one number: how many rows of the other tenant it saw or changed.
    let sql: String

    enum Outcome: Equatable, Sendable {
        case rows(Int)
        /// By the server, with this SQLSTATE.
        case refused(String)

        var isLeak: Bool {
            switch self {
            case .rows(let count): count > 0
            // A function of the prober's own said that it was shown a row.
            case .refused(let state): state == "P0001"
            }
        }

        /// Refused for what it wanted, rather than for how it was written.
        var isSound: Bool {
            switch self {
            case .rows: true
            case .refused(let state): ["42501", "23503", "23505", "23514", "0A000", "P0001"].contains(state)
            }
        }
    }

    func run(_ pool: PostgresPool, _ settings: [PostgresSetting]) async throws -> Outcome {
        do {
            return try await pool.transaction(settings: settings) { transaction in
                for (index, text) in before.enumerated() {
                    _ = try await transaction.execute(Statement("probe.before.\(index).\(text.hashValue)", text))
                }
                let rows = try await transaction.query(Statement("probe.\(sql.hashValue)", sql))
                return .rows(try rows.first.map { try $0.int(0) } ?? 0)
            }
        } catch let error as PostgresError {
            guard let state = error.sqlState else { throw error }
            return .refused(state.code)
        }
    }
}

/// The probes of one table. `other` is the alias of rows in the text of the condition that says which are another's.
struct TableProbes: Sendable {
    let table: CatalogueTable
    /// With the alias `item`: which rows must not be seen.
    let isTheirs: String
    /// A column that the role may change, if there is one.
    let column: String

    private var name: String { table.name }

    var reads: [Probe] {
        [
            Probe(name: "select", sql: "SELECT count(*) FROM \(name) AS item WHERE \(isTheirs)"),
            Probe(
                name: "where true",
                sql: "SELECT count(*) FROM (SELECT * FROM \(name) WHERE true OR random() < 2) AS item WHERE \(isTheirs)"
            ),
            Probe(
                name: "join",
                sql: """
                    SELECT count(*) FROM (VALUES (1)) AS one LEFT JOIN \(name) AS item ON true
                    LEFT JOIN \(name) AS more ON more IS NOT DISTINCT FROM item OR true WHERE \(isTheirs)
                    """),
            Probe(
                name: "subselect",
                sql: "SELECT coalesce((SELECT count(*) FROM \(name) AS item WHERE \(isTheirs)), 0)"),
            Probe(
                name: "for update",
                sql: "SELECT count(*) FROM (SELECT 1 FROM \(name) AS item WHERE \(isTheirs) FOR UPDATE) AS found"),
            Probe(
                name: "for key share",
                sql: "SELECT count(*) FROM (SELECT 1 FROM \(name) AS item WHERE \(isTheirs) FOR KEY SHARE) AS found"),
            Probe(
                name: "view", before: ["CREATE OR REPLACE TEMP VIEW probe_\(name) AS SELECT * FROM \(name)"],
                sql: "SELECT count(*) FROM probe_\(name) AS item WHERE \(isTheirs)"),
            Probe(
                name: "cheap function",
                before: [
                    """
                    CREATE OR REPLACE FUNCTION pg_temp.tell(\(name)) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
                    $$ DECLARE item ALIAS FOR $1; BEGIN IF \(isTheirs) THEN RAISE EXCEPTION 'seen'; END IF;
                    RETURN true; END $$
                    """
                ],
                sql: "SELECT count(*) FROM \(name) AS item WHERE pg_temp.tell(item) AND \(isTheirs)"),
            Probe(
                name: "row_security off", before: ["SET LOCAL row_security = off"],
                sql: "SELECT count(*) FROM \(name) AS item WHERE \(isTheirs)"),
            Probe(
                name: "statistics",
                sql: """
                    SELECT count(*) FROM pg_stats
                    WHERE schemaname = current_schema() AND tablename = '\(name)'
                    """),
        ]
    }

    var changes: [Probe] {
        [
            Probe(
                name: "update",
                sql: """
                    WITH item AS (UPDATE \(name) SET \(column) = \(name).\(column) WHERE true RETURNING *)
                    SELECT count(*) FROM item WHERE \(isTheirs)
                    """),
            Probe(
                name: "update from",
                sql: """
                    WITH changed AS (
                        UPDATE \(name) AS mine SET \(column) = item.\(column) FROM \(name) AS item WHERE \(isTheirs)
                        RETURNING 1)
                    SELECT count(*) FROM changed
                    """),
        ]
    }

    /// Rows of one's own that become another's.
    func gifts(to tenant: TwoTenants.Tenant) -> [Probe] {
        table.tenantColumns.flatMap { column in
            [tenant.user.description, tenant.company.description].map { id in
                Probe(
                    name: "give \(column)",
                    sql: """
                        WITH given AS (UPDATE \(name) SET \(column) = '\(id)' WHERE true RETURNING 1)
                        SELECT count(*) FROM given
                        """)
            }
        }
    }

    var ends: [Probe] {
        [
            Probe(
                name: "merge",
                sql: "MERGE INTO \(name) USING (VALUES (1)) AS one ON true WHEN MATCHED THEN DELETE"),
            Probe(
                name: "delete using",
                sql: """
                    WITH gone AS (DELETE FROM \(name) AS mine USING \(name) AS item WHERE \(isTheirs) RETURNING 1)
                    SELECT count(*) FROM gone
                    """),
            Probe(
                name: "delete",
                sql:
                    """
                    WITH item AS (DELETE FROM \(name) WHERE true RETURNING *)
                    SELECT count(*) FROM item WHERE \(isTheirs)
                    """
            ),
        ]
    }

    /// What only a table's owner may do.
    var powers: [Probe] {
        [
            "TRUNCATE \(name)", "ALTER TABLE \(name) DISABLE ROW LEVEL SECURITY", "DROP TABLE \(name)",
            "CREATE POLICY mine ON \(name) USING (true)", "ALTER TABLE \(name) OWNER TO CURRENT_USER",
            "CREATE RULE mine AS ON SELECT TO \(name) DO INSTEAD SELECT 1",
            "CREATE TRIGGER mine BEFORE UPDATE ON \(name) EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        ].map { Probe(name: $0, sql: $0) }
    }
}
