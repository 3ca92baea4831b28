package import Logging

/// Applies the `NNNN_name.sql` files of a directory, in order and once each, to the first schema of the search path.
///
/// Each file is one transaction, together with its row in `schema_migrations(version, name, checksum, applied_at)`, and
/// holds an advisory lock of that schema while it runs: of several migrators the first applies a file, the others wait
/// and find it applied. Forward only: an applied file that was changed or removed is refused.
package struct Migrator: Sendable {
    private let directory: String

    package init(directory: String) { self.directory = directory }

    /// Gives what this call applied, nothing when the schema was up to date. Throws `migration` naming the file when
    /// directory and database disagree, `server` naming the file when its SQL fails; files before it stay applied.
    /// Files run without a time limit; cancelling the task stops and undoes the one under way.
    package func migrate(_ pool: PostgresPool, logger: Logger) async throws -> [AppliedMigration] {
        let files = try MigrationFile.read(directory: directory)
        var applied: [AppliedMigration] = []
        // A file may change its session: the connection is not used for anything else afterwards.
        while let migration = try await pool.withConnection(keep: false, { try await applyNext(of: files, $0) }) {
            logger.notice("migration applied", metadata: ["file": "\(migration.fileName)"])
            applied.append(migration)
        }
        return applied
    }

    /// Checks what is applied and applies the first file that is not, in one transaction. Nil when all are.
    private func applyNext(
        of files: [MigrationFile], _ connection: PostgresConnection
    ) async throws -> AppliedMigration? {
        let transaction = try PostgresTransaction(connection, settings: [PostgresSetting("statement_timeout", "0")])
        do {
            let ledger = try await MigrationLedger.open(transaction)
            let checksums = try await ledger.checksums(of: files)
            let applied = try await ledger.applied()
            try Self.compare(applied, with: files, checksums)
            guard applied.count < files.count else {
                try await transaction.finish()
                return nil
            }
            let file = files[applied.count]
            let migration = AppliedMigration(
                version: file.version, name: file.name, checksum: checksums[applied.count])
            try await ledger.apply(file, as: migration)
            try await transaction.finish()
            return migration
        } catch {
            await transaction.undo()
            throw error
        }
    }

    /// Throws unless the applied ones are the first files, unchanged.
    static func compare(
        _ applied: [AppliedMigration], with files: [MigrationFile], _ checksums: [String]
    ) throws(PostgresError) {
        for (index, migration) in applied.enumerated() {
            guard index < files.count, migration.version == index + 1, files[index].name == migration.name else {
                throw .migration(
                    file: migration.fileName, reason: "it is applied in the database but missing in the directory")
            }
            guard migration.checksum == checksums[index] else {
                throw .migration(file: migration.fileName, reason: "it was changed after it had been applied")
            }
        }
    }
}
