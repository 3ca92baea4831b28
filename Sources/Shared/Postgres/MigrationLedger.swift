/// `schema_migrations` of one schema, inside one transaction that holds the schema's lock.
struct MigrationLedger: Sendable {
    private let transaction: PostgresTransaction
    /// Quoted for SQL, as a migration may change the search path.
    private let table: String

    private static let schema = Statement("migration_schema", "select quote_ident(current_schema())")
    private static let lock =
        "select pg_advisory_xact_lock(hashtextextended('schema_migrations ' || current_schema(), 0))"
    private static let hash = Statement(
        "migration_checksums",
        "select encode(sha256(f.bytes), 'hex') from unnest($1::bytea[]) with ordinality as f(bytes, n) order by f.n")
    private static let transactionID = Statement("migration_transaction", "select pg_current_xact_id()::text")

    /// Waits for other migrators of this schema, then makes sure that the table exists.
    static func open(_ transaction: PostgresTransaction) async throws -> MigrationLedger {
        guard let schema = try await transaction.query(schema).first?.optionalText(0) else {
            throw PostgresError.migration(file: "schema_migrations", reason: "no schema of the search path exists")
        }
        // Another migrator's file may take long: no time limit.
        try await transaction.script(lock, name: "migration_lock", timeout: nil)
        let table = schema + ".schema_migrations"
        try await transaction.script(
            """
            create table if not exists \(table) (
                version integer primary key check (version > 0), name text not null, checksum text not null,
                applied_at timestamptz not null default now())
            """, name: "schema_migrations", timeout: nil)
        return MigrationLedger(transaction: transaction, table: table)
    }

    /// SHA-256 of each file, by the server.
    func checksums(of files: [MigrationFile]) async throws -> [String] {
        try await transaction.query(Self.hash, [.byteArrays(files.map(\.bytes))]).map { try $0.text(0) }
    }

    func applied() async throws -> [AppliedMigration] {
        let statement = Statement(
            "migrations_applied", "select version, name, checksum from \(table) order by version")
        return try await transaction.query(statement).map { row in
            AppliedMigration(version: try row.int(0), name: try row.text(1), checksum: try row.text(2))
        }
    }

    /// Runs the file and records it. Throws `migration` when the file ended the transaction itself.
    func apply(_ file: MigrationFile, as migration: AppliedMigration) async throws {
        guard let sql = String(validating: file.bytes, as: UTF8.self), !file.bytes.contains(0) else {
            throw PostgresError.migration(file: file.fileName, reason: "it is not UTF-8 text")
        }
        let before = try await transaction.query(Self.transactionID).first?.text(0)
        try await transaction.script(sql, name: file.fileName, timeout: nil)
        guard try await transaction.query(Self.transactionID).first?.text(0) == before else {
            throw PostgresError.migration(file: file.fileName, reason: "it must not begin or end a transaction")
        }
        let record = Statement(
            "migration_record", "insert into \(table) (version, name, checksum) values ($1, $2, $3)")
        try await transaction.execute(
            record, [.int(migration.version), .text(migration.name), .text(migration.checksum)])
    }
}
