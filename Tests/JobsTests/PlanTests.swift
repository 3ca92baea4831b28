import Domain
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Jobs

/// The statements that run all the time use the indexes that were made for them, as the role that runs them: on a new
/// table without statistics, and with 100,000 queued jobs.
@Suite struct PlanTests {
    struct Expectation: Sendable, CustomTestStringConvertible {
        var role: String
        var statement: Statement
        /// The indexes of `jobs` it may use.
        var indexes: Set<String>
        var testDescription: String { statement.name }
    }

    private static func worker(_ statement: Statement, _ indexes: Set<String>) -> Expectation {
        Expectation(role: "errand_worker", statement: statement, indexes: indexes)
    }

    private static func gateway(_ statement: Statement, _ indexes: Set<String>) -> Expectation {
        Expectation(role: "errand_gateway", statement: statement, indexes: indexes)
    }

    static let expectations: [Expectation] = [
        gateway(JobStore.insert, []),
        gateway(JobStore.find, ["jobs_pkey"]),
        gateway(JobStore.list, ["jobs_of_tenant"]),
        gateway(JobStore.cancel, ["jobs_pkey"]),
        gateway(JobStore.nextInOrder, ["jobs_in_order"]),
        worker(JobStore.claim, ["jobs_pkey", "jobs_in_order"]),
        // Counting what runs with a key may read all that runs while statistics say that nothing does: that many are
        // bounded by the workers' slots.
        worker(JobStore.claimLimited, ["jobs_pkey", "jobs_in_order", "jobs_running", "jobs_by_concurrency_key"]),
        worker(JobStore.delayed, ["jobs_pkey", "jobs_in_order", "jobs_running", "jobs_by_concurrency_key"]),
        worker(JobStore.settle, ["jobs_pkey"]),
        worker(JobStore.nextOfKeys, ["jobs_by_concurrency_key"]),
        worker(JobStore.promote, ["jobs_pkey", "jobs_scheduled"]),
        worker(JobStore.expire, ["jobs_pkey", "jobs_to_start_by", "jobs_to_finish_by"]),
        worker(JobStore.rescue, ["jobs_pkey", "jobs_running"]),
        worker(JobStore.held, ["jobs_running"]),
        worker(JobStore.heads, ["jobs_queued", "jobs_in_order", "jobs_running", "jobs_by_concurrency_key"]),
        worker(JobStore.overdue, ["jobs_queued", "jobs_in_order", "jobs_running", "jobs_by_concurrency_key"]),
        worker(JobStore.rest, ["jobs_queued"]),
        worker(JobStore.stillQueued, ["jobs_pkey"]),
        worker(JobStore.unfinishedBatches, ["jobs_of_batch"]),
        worker(WorkerRegistry.cancelRequests, ["jobs_to_cancel", "jobs_running"]),
        worker(JobStore.countLists, ["jobs_queued"]),
        worker(JobStore.countLongLists, ["jobs_queued"]),
        worker(JobStore.countOthers, ["jobs_scheduled", "jobs_running", "jobs_waiting", "jobs_dead"]),
        worker(JobStore.pruneJobs, ["jobs_pkey"]),
    ]

    /// A node of EXPLAIN's JSON.
    private struct Node: Decodable {
        var type: String
        var relation: String?
        var index: String?
        var plans: [Node]?

        enum CodingKeys: String, CodingKey {
            case type = "Node Type"
            case relation = "Relation Name"
            case index = "Index Name"
            case plans = "Plans"
        }

        var all: [Node] { [self] + (plans ?? []).flatMap(\.all) }
    }

    private struct Explained: Decodable {
        var plan: Node

        enum CodingKeys: String, CodingKey { case plan = "Plan" }
    }

    private func plan(_ statement: Statement, _ transaction: PostgresTransaction) async throws -> [Node] {
        let count = (1...20).last { statement.sql.contains("$\($0)") } ?? 0
        let arguments = count == 0 ? "" : "(\(Array(repeating: "NULL", count: count).joined(separator: ", ")))"
        let name = "plan_\(statement.name.filter { $0.isLetter || $0 == "_" })"
        _ = try await transaction.execute(Statement("test.prepare.\(name)", "PREPARE \(name) AS \(statement.sql)"))
        let explain = Statement("test.explain.\(name)", "EXPLAIN (FORMAT JSON) EXECUTE \(name)\(arguments)")
        let json = try await transaction.query(explain)[0].text(0)
        return try JSONDecoder().decode([Explained].self, from: Data(json.utf8)).flatMap(\.plan.all)
    }

    /// - Parameter isExact: also which indexes they use; otherwise only that no statement reads the whole table.
    private func check(_ what: String, isExact: Bool, _ stores: TestStores) async throws {
        for role in ["errand_gateway", "errand_worker"] {
            try await stores.withPool(as: role, size: 1) { pool in
                try await pool.transaction(settings: JobStore.acting(for: TenantID.make())) { transaction in
                    for expected in Self.expectations where expected.role == role {
                        let nodes = try await plan(expected.statement, transaction)
                        let scans = nodes.filter { $0.type == "Seq Scan" && $0.relation == "jobs" }
                        #expect(scans.isEmpty, "\(expected.statement.name) reads all jobs (\(what))")
                        let indexes = Set(nodes.compactMap(\.index).filter { $0.hasPrefix("jobs") })
                        if isExact {
                            #expect(indexes.isSubset(of: expected.indexes), "\(expected.statement.name) (\(what))")
                            #expect(indexes.isEmpty == expected.indexes.isEmpty, "\(expected.statement.name) (\(what))")
                        }
                    }
                }
            }
        }
    }

    @Test func `hot statements use their indexes when the table is new, full, and empty again`() async throws {
        let stores = try await TestStores.make()
        try await check("never analyzed", isExact: true, stores)
        try await stores.withPool(as: nil, size: 1) { pool in
            try await pool.script(
                """
                INSERT INTO jobs (id, tenant_id, queue, kind, payload, state, max_attempts, attempt_timeout_seconds,
                                  run_at, created_at)
                SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad((n % 50)::text, 12, '0'))::uuid,
                       'default', 'noop', '{}', 'queued', 5, 600, now(), now()
                FROM generate_series(1, 100000) AS n
                """)
            try await pool.script("ANALYZE jobs")
        }
        try await check("100,000 queued", isExact: true, stores)
        try await stores.withPool(as: nil, size: 1) { pool in try await pool.script("DELETE FROM jobs; ANALYZE jobs") }
        // With statistics of an emptied table every index looks alike, so until the next ANALYZE some statements take
        // another one than they should.
        try await check("empty, analyzed", isExact: false, stores)
        try await stores.drop()
    }
}
