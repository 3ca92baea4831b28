import FoundationEssentials
import Logging
import Postgres
import Testing

/// A schema of its own on the server named by TEST_DATABASE_URL, gone after the test.
struct TestDatabase {
    struct MissingURL: Error, CustomStringConvertible {
        let description = "set TEST_DATABASE_URL to a superuser URL of a PostgreSQL server for tests"
    }

    let schema: String
    let url: String

    /// Runs `body` with a pool whose search path is a fresh schema. `configure` may change the pool's bounds.
    static func run(
        poolSize: Int = 4, configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (TestDatabase, PostgresPool) async throws -> Void
    ) async throws {
        let database = try TestDatabase()
        let admin = PostgresPool(configuration: .init(url: try baseURL(), poolSize: 1), logger: quiet)
        try await admin.script("create schema \(database.schema)")
        do {
            try await body(database, database.pool(poolSize: poolSize, configure: configure))
        } catch {
            try await admin.script("drop schema \(database.schema) cascade")
            throw error
        }
        try await admin.script("drop schema \(database.schema) cascade")
    }

    init() throws {
        schema = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        let base = try Self.baseURL()
        url = base + (base.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(schema)&application_name=\(schema)"
    }

    /// A further pool on the same schema.
    func pool(poolSize: Int = 4, configure: (inout PostgresConfiguration) -> Void = { _ in }) -> PostgresPool {
        var configuration = PostgresConfiguration(url: url, poolSize: poolSize)
        configure(&configuration)
        return PostgresPool(configuration: configuration, logger: Self.quiet)
    }

    static func baseURL() throws -> String {
        guard let url = ProcessInfo.processInfo.environment["TEST_DATABASE_URL"], !url.isEmpty else {
            throw MissingURL()
        }
        return url
    }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
