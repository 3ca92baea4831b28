import Postgres

/// A table as the database describes it, so that no test has to be told of a new one.
struct CatalogueTable: Sendable {
    let name: String
    let hasRowSecurity: Bool
    let columns: [String]

    /// Columns that say whose a row is.
    var tenantColumns: [String] {
        columns.filter { ["tenant_id", "company_id", "user_id"].contains($0) }
            + (["users", "companies"].contains(name) ? ["id"] : [])
    }

    /// Which rows are a tenant's. `nil`: nothing in it says so.
    func isOf(_ tenant: TwoTenants.Tenant, as alias: String) -> String? {
        guard !tenantColumns.isEmpty else { return nil }
        return "(" + tenantColumns.map { "\(alias).\($0) IN (\(tenant.ids))" }.joined(separator: " OR ") + ")"
    }

    /// Tables in which nobody's rows are: what the engine and the operators know of themselves.
    static let ofTheEngine: Set<String> = [
        "workers", "buried_workers", "queues", "concurrency_limits", "gates", "queue_states", "prunings",
        "schema_migrations",
    ]

    /// Tables that the worker's role sees whole, because the engine runs everybody's jobs.
    static let seenByWorkers: Set<String> = ofTheEngine.union([
        "jobs", "job_retries", "idempotency_keys", "batches", "schedules", "tenant_shares",
    ])

    /// What the gateway's role sees of nobody's rows: whether a queue is paused.
    static let seenByGateways: Set<String> = ["queues"]

    private static let tables = Statement(
        "test.tables",
        """
        SELECT class.relname, class.relrowsecurity, class.relkind::text, ARRAY(
            SELECT attname::text FROM pg_attribute
            WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped AND attidentity = '' ORDER BY attnum)
        FROM pg_class AS class
        WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind NOT IN ('i', 'S', 'I', 't')
        ORDER BY class.relname
        """)

    /// Every relation of the schema that holds rows, or shows them.
    static func all(_ owner: PostgresPool) async throws -> [(table: CatalogueTable, kind: String)] {
        try await owner.query(tables).map { row in
            let table = CatalogueTable(
                name: try row.text(0), hasRowSecurity: try row.bool(1), columns: try row.texts(3))
            return (table, try row.text(2))
        }
    }
}

/// A column that names a row of another table.
struct CatalogueReference: Sendable {
    let table: String
    /// The last column of the foreign key: the others say whose the row is.
    let column: String
    let target: String
    let targetColumn: String

    private static let references = Statement(
        "test.references",
        """
        SELECT source.relname, from_column.attname, target.relname, to_column.attname
        FROM pg_constraint AS key
        JOIN pg_class AS source ON source.oid = key.conrelid
        JOIN pg_class AS target ON target.oid = key.confrelid
        JOIN pg_attribute AS from_column
            ON from_column.attrelid = key.conrelid AND from_column.attnum = key.conkey[cardinality(key.conkey)]
        JOIN pg_attribute AS to_column
            ON to_column.attrelid = key.confrelid AND to_column.attnum = key.confkey[cardinality(key.confkey)]
        WHERE key.contype = 'f' AND key.connamespace = current_schema()::regnamespace
        ORDER BY 1, 2
        """)

    static func all(_ owner: PostgresPool) async throws -> [CatalogueReference] {
        try await owner.query(references).map { row in
            CatalogueReference(
                table: try row.text(0), column: try row.text(1), target: try row.text(2),
                targetColumn: try row.text(3))
        }
    }
}
