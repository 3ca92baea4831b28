import FoundationEssentials
import Postgres
import TestSupport
import Testing

@Suite struct FaultTests {
    static let terminateIdle = Statement(
        "terminate_idle",
        """
        select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where application_name = $1 and pid <> pg_backend_pid()
        """)

    /// Ends every other session of this test.
    static func terminateAll(_ database: TestDatabase) async throws {
        let killer = database.pool(poolSize: 1)
        #expect(try await killer.query(terminateIdle, [.text(database.schema)]).allSatisfy { try $0.bool(0) })
    }

    @Test func `idle connections that the server ended are replaced without an error`() async throws {
        try await TestDatabase.run(poolSize: 4) { database, pool in
            for _ in 0..<3 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { _ = try await pool.query(PoolTests.one) } }
                    try await group.waitForAll()
                }
                try await Self.terminateAll(database)
            }
            let value = try await pool.transaction { try await $0.query(PoolTests.one)[0].int(0) }
            #expect(value == 1)
        }
    }

    @Test func `a statement under way when the server ends the session has an unknown outcome`() async throws {
        try await TestDatabase.run(poolSize: 1) { database, pool in
            let watcher = database.pool(poolSize: 1)
            let sleeper = Task { try await pool.query(PoolTests.sleep, [.double(30)]) }
            try await watcher.waitUntilRunning("select pg_sleep%", database)
            _ = try await watcher.query(Self.terminateIdle, [.text(database.schema)])
            let outcome = await sleeper.result
            let error = #expect(throws: PostgresError.self) { try outcome.get() }
            #expect(error == .connectionLost(statement: "sleep", outcomeUnknown: true))
            #expect(try await pool.query(PoolTests.one).count == 1)
        }
    }

    @Test func `a transaction whose session ends before its commit is known to be undone`() async throws {
        try await TestDatabase.run(poolSize: 1) { database, pool in
            try await pool.script("create table t (a int8)")
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction { transaction in
                    try await transaction.execute(Statement("insert", "insert into t values (1)"))
                    try await Self.terminateAll(database)
                    try await transaction.execute(Statement("insert", "insert into t values (1)"))
                }
            }
            #expect(error == .connectionLost(statement: "insert", outcomeUnknown: false))
            #expect(try await pool.query(Statement("count", "select count(*) from t"))[0].int(0) == 0)
        }
    }

    @Test func `a commit whose session ended has an unknown outcome`() async throws {
        try await TestDatabase.run(poolSize: 1) { database, pool in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction { transaction in
                    _ = try await transaction.query(PoolTests.one)
                    try await Self.terminateAll(database)
                }
            }
            #expect(error == .connectionLost(statement: "commit", outcomeUnknown: true))
        }
    }

    @Test func `no server is a clear error, and the next call tries again after a pause`() async throws {
        let configuration = PostgresConfiguration(
            url: "postgresql://someone:s3cret@127.0.0.1:1/none", poolSize: 2, acquireTimeout: .milliseconds(300))
        let pool = PostgresPool(configuration: configuration, logger: TestDatabase.quiet)
        for _ in 0..<4 {
            let error = await #expect(throws: PostgresError.self) { try await pool.query(PoolTests.one) }
            guard case .connect(let message) = error else {
                Issue.record("\(String(describing: error)) instead of connect")
                continue
            }
            #expect(message.contains("127.0.0.1"))
            #expect(!message.contains("s3cret"))
        }
    }

    @Test func `a wrong URL is refused without repeating it`() async throws {
        let pool = PostgresPool(
            configuration: .init(url: "postgresql://user:s3cret@[half/x"), logger: TestDatabase.quiet)
        let error = await #expect(throws: PostgresError.self) { try await pool.query(PoolTests.one) }
        #expect(error == .connect("the database URL cannot be parsed"))
    }

    @Test func `a network that drops everything ends a statement after timeout and margin`() async throws {
        try await TestDatabase.run(poolSize: 1) { database, pool in
            let port = try await pool.query(Statement("port", "select current_setting('port')::int4"))[0].int(0)
            let proxy = FreezableProxy(to: UInt16(port))
            defer { proxy.close() }
            let configuration = PostgresConfiguration(
                url: database.url + "&host=127.0.0.1&port=\(proxy.port)", poolSize: 1,
                connectTimeout: .seconds(2), statementTimeout: .seconds(1), cancelTimeout: .milliseconds(300))
            let remote = PostgresPool(configuration: configuration, logger: TestDatabase.quiet)
            #expect(try await remote.query(PoolTests.one).count == 1)
            proxy.freeze()
            let started = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await remote.query(PoolTests.one) }
            #expect(error == .timeout(statement: "one", outcomeUnknown: true))
            await #expect(throws: PostgresError.connect("no answer from the server in time")) {
                try await remote.query(PoolTests.one)
            }
            #expect(ContinuousClock.now - started < .seconds(20))
        }
    }

    @Test func `a caller that gives up on a silent server is let go after the margin`() async throws {
        try await TestDatabase.run(poolSize: 1) { database, pool in
            let port = try await pool.query(Statement("port", "select current_setting('port')::int4"))[0].int(0)
            let proxy = FreezableProxy(to: UInt16(port))
            defer { proxy.close() }
            let configuration = PostgresConfiguration(
                url: database.url + "&host=127.0.0.1&port=\(proxy.port)", poolSize: 1, cancelTimeout: .milliseconds(200)
            )
            let remote = PostgresPool(configuration: configuration, logger: TestDatabase.quiet)
            let sleeper = Task { try await remote.query(PoolTests.sleep, [.double(10)]) }
            try await pool.waitUntilRunning("select pg_sleep%", database)
            proxy.freeze()
            let started = ContinuousClock.now
            sleeper.cancel()
            let outcome = await sleeper.result
            let error = #expect(throws: PostgresError.self) { try outcome.get() }
            #expect(error == .connectionLost(statement: "sleep", outcomeUnknown: true))
            #expect(ContinuousClock.now - started < .seconds(8))
        }
    }
}
