import ArgumentParser
import Logging
import Postgres
import ServiceLifecycle
import Settings

/// `worker migrate`: brings the database's schema up to date.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database's schema up to date.",
        discussion: """
            Applies the files of the migrations folder that are not applied yet, in order, each in a transaction. Safe \
            to run from several places at once. Needs MIGRATION_DATABASE_URL: a role that owns the schema and may \
            create roles.
            """)

    @Option(help: "The folder with the NNNN_name.sql files. Default: MIGRATIONS_DIRECTORY, or ./migrations.")
    var directory: String?

    func run() async throws {
        var reader = SettingsReader.environment()
        let url = reader.requiredText(
            "migration.database.url", hint: "give the URL of a role that owns the schema and may create roles")
        let directory = self.directory ?? reader.text("migrations.directory", default: "./migrations")
        try ExitCode.orThrow { try reader.finish() }
        let logger = Logger(label: "migrate", factory: { StreamLogHandler.standardError(label: $0) })
        let pool = PostgresPool(
            configuration: PostgresConfiguration(url: url, poolSize: 1, applicationName: "errand-migrate"),
            logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            let applied = try await Migrator(directory: directory).migrate(pool, logger: logger)
            for migration in applied { print("applied \(migration.name)") }
            if applied.isEmpty { print("up to date") }
            group.cancelAll()
        }
    }
}
