import FoundationEssentials
import Postgres
import Testing

@Suite struct MigratorTests {
    /// A directory of migrations that is gone after the test.
    final class Directory {
        let url = FileManager.default.temporaryDirectory.appending(path: "migrations-\(UUID().uuidString)")

        init(_ files: [String: String] = [:]) throws {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            for (name, sql) in files { try write(name, sql) }
        }

        deinit { try? FileManager.default.removeItem(at: url) }

        func write(_ name: String, _ sql: String) throws { try Data(sql.utf8).write(to: url.appending(path: name)) }
        func remove(_ name: String) throws { try FileManager.default.removeItem(at: url.appending(path: name)) }

        func migrate(_ pool: PostgresPool) async throws -> [String] {
            try await Migrator(directory: url.path).migrate(pool, logger: TestDatabase.quiet).map(\.name)
        }
    }

    static let two = [
        "0001_first.sql": "create table a (x int8); insert into a values (1);",
        "0002_second.sql": "-- a comment\ncreate table b (x int8);\ncreate index on b (x);\n",
        "README.md": "not a migration",
    ]

    @Test func `files are applied in order, once`() async throws {
        try await TestDatabase.run { _, pool in
            let directory = try Directory(Self.two)
            #expect(try await directory.migrate(pool) == ["first", "second"])
            #expect(try await directory.migrate(pool) == [])
            try directory.write("0003_third.sql", "insert into a values (2)")
            #expect(try await directory.migrate(pool) == ["third"])
            let rows = try await pool.query(
                Statement("ledger", "select version, name, checksum, applied_at from schema_migrations order by 1"))
            #expect(try rows.map { try $0.int(0) } == [1, 2, 3])
            #expect(try rows[2].text(2) == "3a6f9eda07b638612b1158452b19cae4ea671010bed6335fa57db4b2ec24b69c")
            #expect(try await pool.query(Statement("count", "select count(*) from a"))[0].int(0) == 2)
        }
    }

    @Test func `several migrators at once apply each file once`() async throws {
        try await TestDatabase.run(poolSize: 4) { _, pool in
            let directory = try Directory(Self.two)
            let path = directory.url.path
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await Migrator(directory: path).migrate(pool, logger: TestDatabase.quiet).map(\.name)
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == ["first", "second"])
        }
    }

    @Test func `a changed file is refused by name`() async throws {
        try await TestDatabase.run { _, pool in
            let directory = try Directory(Self.two)
            _ = try await directory.migrate(pool)
            try directory.write("0001_first.sql", "create table a (x int8);")
            await Self.expectRefusal(of: "0001_first.sql", "changed") { try await directory.migrate(pool) }
        }
    }

    @Test func `an applied file that is missing or renamed is refused by name`() async throws {
        try await TestDatabase.run { _, pool in
            let directory = try Directory(Self.two)
            _ = try await directory.migrate(pool)
            try directory.remove("0002_second.sql")
            await Self.expectRefusal(of: "0002_second.sql", "missing") { try await directory.migrate(pool) }
            try directory.write("0002_other.sql", Self.two["0002_second.sql"]!)
            await Self.expectRefusal(of: "0002_second.sql", "missing") { try await directory.migrate(pool) }
        }
    }

    @Test func `gaps, twins and odd names are refused before anything is applied`() async throws {
        try await TestDatabase.run { _, pool in
            for (odd, culprit) in [
                (["0003_third.sql": "select 1"], "0003_third.sql"),
                (["0001_again.sql": "select 1"], "0001_first.sql"),
                (["1_short.sql": "select 1"], "1_short.sql"),
                (["0002-dash.sql": "select 1"], "0002-dash.sql"),
            ] {
                let directory = try Directory(["0001_first.sql": "create table a (x int8)"].merging(odd) { $1 })
                await Self.expectRefusal(of: culprit, "") { try await directory.migrate(pool) }
            }
            let tables = try await pool.query(Statement("tables", "select to_regclass('a')::text"))
            #expect(try tables[0].optionalText(0) == nil)
            await #expect(throws: PostgresError.self) {
                try await Migrator(directory: "/nowhere").migrate(pool, logger: TestDatabase.quiet)
            }
        }
    }

    @Test func `a failing file is undone whole, and files before it stay`() async throws {
        try await TestDatabase.run { _, pool in
            var files = Self.two
            files["0002_second.sql"] = "create table b (x int8); select nothing;"
            let directory = try Directory(files)
            let error = await #expect(throws: PostgresError.self) { try await directory.migrate(pool) }
            #expect(error?.description.contains("0002_second.sql failed with 42703") == true)
            let row = try await pool.query(
                Statement("tables", "select to_regclass('a')::text, to_regclass('b')::text"))[0]
            #expect(try row.optionalText(0) == "a")
            #expect(try row.optionalText(1) == nil)
            try directory.write("0002_second.sql", Self.two["0002_second.sql"]!)
            #expect(try await directory.migrate(pool) == ["second"])
        }
    }

    @Test func `a file that ends its transaction is refused`() async throws {
        try await TestDatabase.run { _, pool in
            for sql in ["create table a (x int8); commit; begin; select 1", "commit", "rollback"] {
                let directory = try Directory(["0001_sneaky.sql": sql])
                await Self.expectRefusal(of: "0001_sneaky.sql", "transaction") { try await directory.migrate(pool) }
            }
        }
    }

    @Test func `a file that changes its session's search path does not mislead the ledger or later calls`() async throws
    {
        try await TestDatabase.run(poolSize: 1) { database, pool in
            let directory = try Directory([
                "0001_path.sql": "set search_path = pg_catalog; create table \(database.schema).a (x int8)",
                "0002_next.sql": "create table b (x int8)",
            ])
            #expect(try await directory.migrate(pool) == ["path", "next"])
            #expect(try await pool.query(Statement("both", "select from a, b")).isEmpty)
        }
    }

    static func expectRefusal(
        of file: String, _ reason: String, _ migrate: () async throws -> [String]
    ) async {
        let error = await #expect(throws: PostgresError.self) { try await migrate() }
        guard case .migration(file, let text) = error else {
            Issue.record("\(String(describing: error)) instead of a refusal of \(file)")
            return
        }
        #expect(reason.isEmpty || text.contains(reason))
    }
}
