import FoundationEssentials
import Postgres
import Testing

@Suite struct ErrorTextTests {
    static let secret = "s3cret-7f1e"

    /// Everything a log line could show of an error.
    static func text(_ error: any Error) -> String {
        var dumped = ""
        dump(error, to: &dumped)
        return "\(error) \(String(reflecting: error)) \(dumped)"
    }

    @Test func `no error text holds a bound value`() async throws {
        try await TestDatabase.run(poolSize: 1) { _, pool in
            try await pool.script(
                """
                create table t (a text unique not null check (length(a) < 20), b int2, c text references t (a));
                create function shout(x text) returns void language plpgsql as $$
                begin raise exception 'got %', x; end $$;
                create function whisper(x text) returns void language plpgsql as $$
                begin raise unique_violation using message = 'got ' || x, detail = x; end $$;
                """)
            let insert = Statement("insert", "insert into t (a) values ($1)")
            try await pool.execute(insert, [.text(Self.secret)])
            let failing: [(Statement, PostgresValue, String)] = [
                (insert, .text(Self.secret), "23505"),
                (Statement("long", "insert into t (a) values ($1 || $1)"), .text(Self.secret), "23514"),
                (Statement("null", "insert into t (a, c) values (null, $1)"), .text(Self.secret), "23502"),
                (Statement("foreign", "insert into t (a, c) values ('x', $1 || 'x')"), .text(Self.secret), "23503"),
                (Statement("uuid", "select $1::text::uuid"), .text(Self.secret), "22P02"),
                (Statement("json", "select $1::text::jsonb"), .text(Self.secret), "22P02"),
                (Statement("date", "select $1::text::date"), .text(Self.secret), "22007"),
                (Statement("bad_json", "select $1::jsonb"), .json(Array(Self.secret.utf8)), "22P02"),
                (Statement("range", "insert into t (a, b) values ('y', $1)"), .int(70_007), "22003"),
                (Statement("shout", "select shout($1)"), .text(Self.secret), "P0001"),
                (Statement("whisper", "select whisper($1)"), .text(Self.secret), "23505"),
                (Statement("nul", "select $1"), .text(Self.secret + "\0"), "22021"),
            ]
            for (statement, value, code) in failing {
                let error = try #require(
                    await #expect(throws: PostgresError.self) { try await pool.query(statement, [value]) })
                #expect(error.sqlState?.code == code)
                #expect(!Self.text(error).contains(Self.secret), "\(statement.name)")
                #expect(!Self.text(error).contains("70007"))
            }
        }
    }

    @Test func `an error names statement, state, table, column and constraint`() async throws {
        try await TestDatabase.run(poolSize: 1) { _, pool in
            try await pool.script("create table t (a int8 constraint only_once unique, b text not null)")
            let insert = Statement("insert_t", "insert into t values ($1, $2)")
            try await pool.execute(insert, [.int(1), .text("x")])
            let twice = await #expect(throws: PostgresError.self) {
                try await pool.execute(insert, [.int(1), .text("x")])
            }
            #expect(
                twice
                    == .server(
                        .uniqueViolation, message: "the key exists already, table t, constraint only_once",
                        statement: "insert_t", constraint: "only_once"))
            let null = await #expect(throws: PostgresError.self) { try await pool.execute(insert, [.int(2), .null]) }
            #expect(
                null
                    == .server(
                        .notNullViolation, message: "a required value is null, table t, column b",
                        statement: "insert_t", constraint: nil))
            let unknown = await #expect(throws: PostgresError.self) {
                try await pool.query(Statement("wrong", "select nothing from t"))
            }
            #expect(unknown?.description == #"wrong failed with 42703: column "nothing" does not exist at character 8"#)
        }
    }

    @Test func `a configuration's description holds no password`() {
        let configuration = PostgresConfiguration(url: "postgresql://user:\(Self.secret)@host/db")
        #expect(!Self.text(PostgresError.acquireTimeout).contains(Self.secret))
        var dumped = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &dumped)
        #expect(!dumped.contains(Self.secret))
    }
}
