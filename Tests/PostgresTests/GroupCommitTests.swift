import FoundationEssentials
import Postgres
import Synchronization
import Testing

@Suite struct GroupCommitTests {
    /// A batch function that waits for permission, so that a test decides what runs together.
    final class Gate: Sendable {
        private let (entries, entry) = AsyncStream<[Int]>.makeStream()
        private let (permits, permit) = AsyncStream<Void>.makeStream()
        let batches = Mutex<[[Int]]>([])

        func perform(_ inputs: [Int]) async throws -> [Int] {
            batches.withLock { $0.append(inputs) }
            entry.yield(inputs)
            for await _ in permits { break }
            return inputs.map { $0 * 10 }
        }

        /// The next batch that started.
        func started() async -> [Int] { await entries.first { _ in true } ?? [] }
        func open() { permit.yield() }
        func openForever() { permit.finish() }
    }

    static func makeTable(_ pool: PostgresPool) async throws {
        try await pool.script(
            """
            create table item (n int8 primary key check (n >= 0));
            create table call (statement serial, size int8);
            """)
    }

    /// One statement a batch; it also notes how many rows came.
    static func inserter(_ pool: PostgresPool, lanes: Int, maxBatch: Int) -> GroupCommit<Int, Int> {
        let insert = Statement(
            "insert_items",
            """
            with rows as (insert into item select * from unnest($1::int8[]) returning n),
                 noted as (insert into call (size) select count(*) from rows)
            select r.n from rows r join unnest($1::int8[]) with ordinality as i(n, place) using (n) order by i.place
            """)
        return GroupCommit(lanes: lanes, maxBatch: maxBatch, maxWaiting: 4096) { numbers in
            try await pool.query(insert, [.ints(numbers)]).map { try $0.int(0) }
        }
    }

    @Test func `calls that wait go out together, in order, each with its own output`() async throws {
        let gate = Gate()
        let commit = GroupCommit<Int, Int>(lanes: 1, maxBatch: 3, maxWaiting: 10, perform: gate.perform)
        let first = Task { try await commit.submit(0) }
        #expect(await gate.started() == [0])
        var others: [Task<Int, any Error>] = []
        for number in 1...5 {
            others.append(Task { try await commit.submit(number) })
            await commit.waitUntilWaiting(number)
        }
        gate.openForever()
        #expect(try await first.value == 0)
        for (index, task) in others.enumerated() { #expect(try await task.value == (index + 1) * 10) }
        #expect(gate.batches.withLock { $0 } == [[0], [1, 2, 3], [4, 5]])
    }

    @Test func `a lane more runs a batch more at a time`() async throws {
        let gate = Gate()
        let commit = GroupCommit<Int, Int>(lanes: 2, maxBatch: 8, maxWaiting: 10, perform: gate.perform)
        async let first = commit.submit(1)
        #expect(await gate.started() == [1])
        async let second = commit.submit(2)
        #expect(await gate.started() == [2])
        async let third = commit.submit(3)
        await commit.waitUntilWaiting(1)
        gate.openForever()
        #expect(try await [first, second, third] == [10, 20, 30])
    }

    @Test func `one call too many is refused at once`() async throws {
        let gate = Gate()
        let commit = GroupCommit<Int, Int>(lanes: 1, maxBatch: 8, maxWaiting: 2, perform: gate.perform)
        async let running = commit.submit(0)
        #expect(await gate.started() == [0])
        async let waiting = commit.submit(1)
        async let alsoWaiting = commit.submit(2)
        await commit.waitUntilWaiting(2)
        await #expect(throws: PostgresError.overloaded) { try await commit.submit(3) }
        gate.openForever()
        #expect(try await [running, waiting, alsoWaiting] == [0, 10, 20])
    }

    @Test func `a cancelled caller leaves the queue, one whose batch runs learns its outcome`() async throws {
        let gate = Gate()
        let commit = GroupCommit<Int, Int>(lanes: 1, maxBatch: 8, maxWaiting: 8, perform: gate.perform)
        let running = Task { try await commit.submit(0) }
        #expect(await gate.started() == [0])
        let leaving = Task { try await commit.submit(1) }
        await commit.waitUntilWaiting(1)
        let staying = Task { try await commit.submit(2) }
        await commit.waitUntilWaiting(2)
        running.cancel()
        leaving.cancel()
        let left = await leaving.result
        #expect(throws: PostgresError.cancelled) { try left.get() }
        gate.openForever()
        #expect(try await running.value == 0)
        #expect(try await staying.value == 20)
        #expect(gate.batches.withLock { $0 } == [[0], [2]])
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await commit.submit(4)
        }
        let refused = await late.result
        #expect(throws: PostgresError.cancelled) { try refused.get() }
    }

    @Test func `close refuses new calls and waits for the accepted ones`() async throws {
        let gate = Gate()
        let commit = GroupCommit<Int, Int>(lanes: 1, maxBatch: 8, maxWaiting: 8, perform: gate.perform)
        let running = Task { try await commit.submit(0) }
        #expect(await gate.started() == [0])
        let waiting = Task { try await commit.submit(1) }
        await commit.waitUntilWaiting(1)
        let closing = Task { await commit.close() }
        while !commit.isClosed { await Task.yield() }
        await #expect(throws: PostgresError.closed) { try await commit.submit(2) }
        gate.openForever()
        await closing.value
        #expect(try await running.value == 0)
        #expect(try await waiting.value == 10)
        await commit.close()
    }

    @Test func `a wrong number of outputs fails the batch`() async throws {
        let commit = GroupCommit<Int, Int>(maxBatch: 8, maxWaiting: 8) { _ in [] }
        await #expect(throws: PostgresError.protocolViolation("0 outputs for 1 inputs")) { try await commit.submit(1) }
    }

    @Test func `only the guilty calls of a batch fail`() async throws {
        try await TestDatabase.run { _, pool in
            try await Self.makeTable(pool)
            try await pool.execute(Statement("taken", "insert into item values (5)"))
            let commit = Self.inserter(pool, lanes: 1, maxBatch: 64)
            // -1 and -2 violate the check, 5 is taken.
            let numbers = [-1, -2] + Array(0..<60)
            let failed = await withTaskGroup(of: (Int, SQLState?).self) { group in
                for number in numbers {
                    group.addTask {
                        do {
                            #expect(try await commit.submit(number) == number)
                            return (number, nil)
                        } catch {
                            return (number, (error as? PostgresError)?.sqlState)
                        }
                    }
                }
                return await group.reduce(into: [Int: SQLState]()) { $0[$1.0] = $1.1 }
            }
            #expect(failed == [-1: .checkViolation, -2: .checkViolation, 5: .uniqueViolation])
            #expect(try await pool.query(Statement("count", "select count(*) from item"))[0].int(0) == 60)
        }
    }

    @Test func `512 callers become few statements and lose nothing`() async throws {
        try await TestDatabase.run { _, pool in
            try await Self.makeTable(pool)
            let commit = Self.inserter(pool, lanes: 2, maxBatch: 256)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<512 {
                    group.addTask {
                        for call in 0..<5 {
                            let number = caller * 5 + call
                            let output = try await commit.submit(number)
                            #expect(output == number)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let row = try await pool.query(
                Statement("sizes", "select count(*), sum(size)::int8, max(size), (select count(*) from item) from call")
            )[0]
            #expect(try row.int(0) < 512)
            #expect(try row.int(1) == 2560)
            #expect(try row.int(2) > 16)
            #expect(try row.int(3) == 2560)
        }
    }

    @Test func `callers cancelled at any moment get an outcome, and what was reported is in the table`() async throws {
        try await TestDatabase.run { _, pool in
            try await Self.makeTable(pool)
            let commit = Self.inserter(pool, lanes: 2, maxBatch: 16)
            let tasks = (0..<400).map { number in Task { try await commit.submit(number) } }
            for (index, task) in tasks.enumerated() where index % 3 == 0 {
                await Task.yield()
                task.cancel()
            }
            var stored: [Int] = []
            for (number, task) in tasks.enumerated() {
                switch await task.result {
                case .success: stored.append(number)
                case .failure(let error): #expect(error as? PostgresError == .cancelled)
                }
            }
            let rows = try await pool.query(Statement("all", "select n from item order by n"))
            #expect(try rows.map { try $0.int(0) } == stored)
            await commit.close()
        }
    }
}

extension GroupCommit {
    func waitUntilWaiting(_ count: Int) async { while waiting < count { await Task.yield() } }
}
