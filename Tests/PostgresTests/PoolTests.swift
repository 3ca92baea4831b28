import FoundationEssentials
import Postgres
import ServiceLifecycle
import Synchronization
import Testing

@Suite struct PoolTests {
    static let one = Statement("one", "select 1")
    static let sleep = Statement("sleep", "select pg_sleep($1)")

    /// Who was served, in order.
    final class Served: Sendable {
        private let list = Mutex<[Int]>([])
        var numbers: [Int] { list.withLock { $0 } }
        func append(_ number: Int) { list.withLock { $0.append(number) } }
    }

    @Test func `a query gives rows and an execute counts them`() async throws {
        try await TestDatabase.run { _, pool in
            try await pool.script("create table t (a int8); insert into t select generate_series(1, 10)")
            #expect(try await pool.execute(Statement("delete", "delete from t where a <= $1"), [.int(4)]) == 4)
            let rows = try await pool.query(Statement("rest", "select a from t order by a"))
            #expect(try rows.map { try $0.int(0) } == Array(5...10))
            #expect(try await pool.query(Statement("none", "select a from t where false")).isEmpty)
        }
    }

    @Test func `settings hold for one call and do not leak`() async throws {
        try await TestDatabase.run(poolSize: 1) { _, pool in
            let show = Statement("show", "select current_setting('errand.tenant', true)")
            let setting = PostgresSetting("errand.tenant", "it's \"42\"")
            #expect(try await pool.query(show, settings: [setting]).first?.text(0) == "it's \"42\"")
            #expect(try await pool.query(show).first?.optionalText(0) ?? "" == "")
            let inside = try await pool.transaction(settings: [setting]) { transaction in
                try await transaction.query(show).first?.text(0)
            }
            #expect(inside == "it's \"42\"")
            #expect(try await pool.query(show).first?.optionalText(0) ?? "" == "")
            await #expect(throws: PostgresError.self) {
                try await pool.query(Statement("fails", "select 1/$1"), [.int(0)], settings: [setting])
            }
            #expect(try await pool.query(show).first?.optionalText(0) ?? "" == "")
        }
    }

    @Test func `a constraint that is checked at commit fails a call with settings`() async throws {
        try await TestDatabase.run(poolSize: 1) { _, pool in
            try await pool.script(
                """
                create table p (a int8 primary key);
                create table c (a int8 references p deferrable initially deferred)
                """
            )
            let insert = Statement("orphan", "insert into c values ($1)")
            for settings in [[], [PostgresSetting("errand.tenant", "1")]] {
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.execute(insert, [.int(1)], settings: settings)
                }
                #expect(error?.sqlState == .foreignKeyViolation)
            }
            let error = await #expect(throws: PostgresError.self) {
                try await pool.transaction { try await $0.execute(insert, [.int(1)]) }
            }
            #expect(error?.sqlState == .foreignKeyViolation)
            #expect(error?.isOutcomeUnknown == false)
            #expect(try await pool.query(Statement("count", "select count(*) from c")).first?.int(0) == 0)
        }
    }

    @Test func `a transaction commits when its body returns and undoes when it throws`() async throws {
        struct Refusal: Error {}
        try await TestDatabase.run(poolSize: 2) { _, pool in
            try await pool.script("create table t (a int8 unique)")
            let insert = Statement("insert", "insert into t values ($1)")
            let count = Statement("count", "select count(*) from t")
            try await pool.transaction { try await $0.execute(insert, [.int(1)]) }
            await #expect(throws: Refusal.self) {
                try await pool.transaction { transaction in
                    try await transaction.execute(insert, [.int(2)])
                    throw Refusal()
                }
            }
            #expect(try await pool.query(count).first?.int(0) == 1)
            let swallowed = await #expect(throws: PostgresError.self) {
                try await pool.transaction { transaction in
                    try await transaction.execute(insert, [.int(3)])
                    _ = try? await transaction.execute(insert, [.int(1)])
                }
            }
            #expect(swallowed?.sqlState == .inFailedTransaction)
            #expect(try await pool.query(count).first?.int(0) == 1)
        }
    }

    @Test func `a transaction that escaped its closure is closed`() async throws {
        try await TestDatabase.run { _, pool in
            let escaped = try await pool.transaction { $0 }
            await #expect(throws: PostgresError.closed) { try await escaped.query(Self.one) }
        }
    }

    @Test func `concurrent statements of one transaction all run inside it`() async throws {
        try await TestDatabase.run(poolSize: 1) { _, pool in
            let identity = Statement("identity", "select pg_current_xact_id()::text")
            let identities = try await pool.transaction { transaction in
                try await withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<8 { group.addTask { try await transaction.query(identity)[0].text(0) } }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
            }
            #expect(identities.count == 1)
        }
    }

    @Test func `a full pool refuses after the deadline, and at once when too many wait`() async throws {
        try await TestDatabase.run(
            poolSize: 1,
            configure: {
                $0.acquireTimeout = .milliseconds(200)
                $0.maxWaiters = 1
            }
        ) { _, pool in
            try await pool.transaction { transaction in
                _ = try await transaction.query(Self.one)
                async let waiting = pool.query(Self.one)
                var refusals: [PostgresError] = []
                // Which of the calls gets the one place to wait is open; all the others are refused.
                for _ in 0..<50 where refusals.isEmpty {
                    do { _ = try await pool.query(Self.one) } catch let error as PostgresError {
                        refusals.append(error)
                    }
                }
                do { _ = try await waiting } catch let error as PostgresError { refusals.append(error) }
                #expect(refusals.allSatisfy { $0 == .tooManyWaiters || $0 == .acquireTimeout })
                #expect(refusals.contains(.acquireTimeout))
            }
            #expect(try await pool.query(Self.one).count == 1)
        }
    }

    @Test func `a waiter that is cancelled leaves at once and loses nobody a connection`() async throws {
        try await TestDatabase.run(poolSize: 1) { _, pool in
            try await pool.transaction { transaction in
                _ = try await transaction.query(Self.one)
                let waiter = Task { try await pool.query(Self.one) }
                await pool.waitUntilWaiting(1)
                let other = Task { try await pool.query(Self.one) }
                await pool.waitUntilWaiting(2)
                let started = ContinuousClock.now
                waiter.cancel()
                let outcome = await waiter.result
                #expect(throws: PostgresError.cancelled) { try outcome.get() }
                #expect(ContinuousClock.now - started < .seconds(1))
                other.cancel()
                _ = await other.result
                #expect(pool.waiting == 0)
            }
            #expect(try await pool.query(Self.one).count == 1)
        }
    }

    @Test func `callers get the connection in the order they came`() async throws {
        try await TestDatabase.run(poolSize: 1) { _, pool in
            let served = Served()
            let tasks = try await pool.transaction { transaction in
                _ = try await transaction.query(Self.one)
                var tasks: [Task<Void, any Error>] = []
                for number in 1...5 {
                    tasks.append(
                        Task {
                            try await pool.transaction { _ in served.append(number) }
                        })
                    await pool.waitUntilWaiting(number)
                }
                return tasks
            }
            for task in tasks { try await task.value }
            #expect(served.numbers == [1, 2, 3, 4, 5])
        }
    }

    @Test func `many callers share few connections`() async throws {
        try await TestDatabase.run(poolSize: 3, configure: { $0.acquireTimeout = .seconds(60) }) { database, pool in
            let echo = Statement("echo", "select $1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        let rows = try await pool.query(echo, [.int(number)])
                        #expect(try rows[0].int(0) == number)
                    }
                }
                try await group.waitForAll()
            }
            let open = Statement("open", "select count(*) from pg_stat_activity where application_name = $1")
            #expect(try await pool.query(open, [.text(database.schema)])[0].int(0) <= 3)
        }
    }

    @Test func `cancelling the task cancels the statement on the server`() async throws {
        try await TestDatabase.run(poolSize: 1) { database, pool in
            let watcher = database.pool(poolSize: 1)
            let started = ContinuousClock.now
            let sleeper = Task { try await pool.query(Self.sleep, [.double(30)]) }
            try await watcher.waitUntilRunning("select pg_sleep%", database)
            sleeper.cancel()
            let outcome = await sleeper.result
            #expect(throws: PostgresError.cancelled) { try outcome.get() }
            #expect(ContinuousClock.now - started < .seconds(10))
            #expect(try await pool.query(Self.one).count == 1)
        }
    }

    @Test func `a cancelled transaction is undone and its connection stays good`() async throws {
        try await TestDatabase.run(poolSize: 1) { database, pool in
            try await pool.script("create table t (a int8)")
            let watcher = database.pool(poolSize: 1)
            let task = Task {
                try await pool.transaction { transaction in
                    try await transaction.execute(Statement("insert", "insert into t values (1)"))
                    _ = try await transaction.query(Self.sleep, [.double(30)])
                }
            }
            try await watcher.waitUntilRunning("select pg_sleep%", database)
            task.cancel()
            let outcome = await task.result
            #expect(throws: PostgresError.cancelled) { try outcome.get() }
            #expect(try await pool.query(Statement("count", "select count(*) from t"))[0].int(0) == 0)
        }
    }

    @Test func `a statement that takes too long is stopped with a known outcome`() async throws {
        try await TestDatabase.run(poolSize: 1, configure: { $0.statementTimeout = .seconds(1) }) { _, pool in
            let error = await #expect(throws: PostgresError.self) { try await pool.query(Self.sleep, [.double(30)]) }
            #expect(error == .timeout(statement: "sleep", outcomeUnknown: false))
            let rows = try await pool.query(Self.one)
            #expect(rows.count == 1)
        }
    }

    @Test func `a closed pool refuses new calls and lets those under way end`() async throws {
        try await TestDatabase.run(poolSize: 2) { database, pool in
            let watcher = database.pool(poolSize: 1)
            let group = ServiceGroup(
                configuration: .init(
                    services: [pool], gracefulShutdownSignals: [], logger: TestDatabase.quiet))
            let running = Task { try await group.run() }
            let sleeper = Task { try await pool.query(Self.sleep, [.double(0.5)]) }
            try await watcher.waitUntilRunning("select pg_sleep%", database)
            await group.triggerGracefulShutdown()
            _ = try await sleeper.value
            try await running.value
            await #expect(throws: PostgresError.closed) { try await pool.query(Self.one) }
        }
    }

    @Test func `cancelling run stops what is under way`() async throws {
        try await TestDatabase.run(poolSize: 1) { database, pool in
            let watcher = database.pool(poolSize: 1)
            let running = Task { try await pool.run() }
            let sleeper = Task { try await pool.query(Self.sleep, [.double(30)]) }
            try await watcher.waitUntilRunning("select pg_sleep%", database)
            running.cancel()
            let outcome = await sleeper.result
            #expect(throws: PostgresError.cancelled) { try outcome.get() }
            try await running.value
        }
    }

    @Test func `without prepared statements everything works the same`() async throws {
        try await TestDatabase.run(poolSize: 1, configure: { $0.preparedStatements = false }) { _, pool in
            let statement = Statement("echo", "select $1, current_setting('errand.tenant', true)")
            for number in 0..<3 {
                let rows = try await pool.query(statement, [.int(number)], settings: [.init("errand.tenant", "t")])
                #expect(try rows[0].int(0) == number)
                #expect(try rows[0].text(1) == "t")
            }
            let prepared = try await pool.query(Statement("prepared", "select count(*) from pg_prepared_statements"))
            #expect(try prepared[0].int(0) == 0)
        }
    }

    @Test func `a table that changed under a prepared statement costs nothing but a repeat`() async throws {
        try await TestDatabase.run(poolSize: 1) { database, pool in
            let other = database.pool(poolSize: 1)
            try await other.script("create table t (a int4); insert into t values (1)")
            let all = Statement("all", "select * from t")
            #expect(try await pool.query(all)[0].count == 1)
            try await other.script("alter table t add column b text default 'x'")
            #expect(try await pool.query(all)[0].count == 2)
            try await pool.execute(Statement("drop_plans", "deallocate all"))
            #expect(try await pool.query(all)[0].count == 2)
        }
    }
}

extension PostgresPool {
    func waitUntilWaiting(_ count: Int) async { while waiting < count { await Task.yield() } }

    /// Until a session of the database's other pools runs such a statement.
    func waitUntilRunning(_ pattern: String, _ database: TestDatabase) async throws {
        let running = Statement(
            "running",
            """
            select 1 from pg_stat_activity
            where application_name = $1 and state = 'active' and query ilike $2 and pid <> pg_backend_pid()
            """)
        while try await query(running, [.text(database.schema), .text(pattern)]).isEmpty {}
    }
}
