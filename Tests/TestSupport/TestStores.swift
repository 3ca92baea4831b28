import Domain
import Foundation
package import Jobs
package import Logging
package import Postgres
package import Redis

/// What a test has of the real PostgreSQL and the real Redis: a schema and a key prefix of its own, with the migrations
/// applied, so that suites run side by side.
package struct TestStores: Sendable {
    package let schema: String
    package let prefix: String
    package let redisURL: String
    private let serverURL: String

    package struct Missing: Error, CustomStringConvertible {
        package let variable: String
        package var description: String { "\(variable) is not set: run deploy/test, which starts what the tests need" }
    }

    package static func variable(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
            throw Missing(variable: name)
        }
        return value
    }

    /// Makes the schema and applies the migrations.
    package static func make() async throws -> TestStores {
        let name = "test_" + JobID.make().description.suffix(12)
        let stores = TestStores(
            schema: name, prefix: name, redisURL: try variable("TEST_REDIS_URL"),
            serverURL: try variable("TEST_DATABASE_URL"))
        try await stores.withPool(as: nil) { pool in
            try await pool.script("CREATE SCHEMA \(name)")
            _ = try await Migrator(directory: variable("MIGRATIONS_DIRECTORY")).migrate(pool, logger: silent)
        }
        return stores
    }

    package static let silent: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel =
            ProcessInfo.processInfo.environment["TEST_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .critical
        return logger
    }()

    /// The URL of the schema for a role; `nil` for the owner.
    package func databaseURL(as role: String?) -> String {
        guard var parts = URLComponents(string: serverURL) else { preconditionFailure("TEST_DATABASE_URL is no URL") }
        var items = parts.queryItems ?? []
        items.append(URLQueryItem(name: "options", value: "-csearch_path=\(schema)"))
        if let role {
            // libpq lets the parameter win over the part before the host.
            items.removeAll { $0.name == "user" || $0.name == "password" }
            items.append(URLQueryItem(name: "user", value: role))
            parts.password = nil
        }
        parts.queryItems = items
        return parts.string ?? serverURL
    }

    /// A pool for the time of a body.
    package func withPool<Value: Sendable>(
        as role: String?, size: Int = 4, acquireTimeout: Duration = .seconds(5),
        _ body: @Sendable (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let configuration = PostgresConfiguration(
            url: databaseURL(as: role), poolSize: size, acquireTimeout: acquireTimeout, applicationName: schema)
        let pool = PostgresPool(configuration: configuration, logger: Self.silent)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            defer { group.cancelAll() }
            return try await body(pool)
        }
    }

    /// Removes what the test made.
    package func drop() async throws {
        try await withPool(as: nil) { try await $0.script("DROP SCHEMA \(schema) CASCADE") }
    }

    package var names: RedisNames { RedisNames(prefix: prefix) }
    package var redisConfiguration: RedisConfiguration { get throws { try RedisConfiguration(url: redisURL) } }
}
