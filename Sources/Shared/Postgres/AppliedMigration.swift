/// A migration that is recorded in `schema_migrations`.
package struct AppliedMigration: Sendable, Equatable {
    package let version: Int
    /// The file's name without number and ending.
    package let name: String
    /// SHA-256 of the file, hexadecimal.
    package let checksum: String

    var fileName: String { MigrationFile.fileName(version, name) }
}
