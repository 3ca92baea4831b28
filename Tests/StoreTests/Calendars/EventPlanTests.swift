import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// How PostgreSQL carries out what changes and finds events, when it has no statistics yet: so it is while the first
/// large calendar is read.
@Suite struct EventPlanTests {
    @Test func `a page looks its rows up by their key, however large the calendar is`() async throws {
        let indexes = try await Self.indexes(of: Calendars.write, parameters: 14)
        #expect(!indexes.isEmpty && indexes.isSubset(of: ["calendar_events_pkey", "calendar_events_series"]))
    }

    @Test func `a range is found by the indexes that are for it`() async throws {
        let indexes = try await Self.indexes(of: Calendars.overlapping, parameters: 5)
        #expect(indexes.isSuperset(of: ["calendar_events_short", "calendar_events_long", "calendar_events_series"]))
        #expect(!indexes.contains("table"))
    }

    @Test func `changes are found by their numbers`() async throws {
        let indexes = try await Self.indexes(of: Calendars.changes, parameters: 5, analyzed: true)
        #expect(indexes == ["calendar_events_changes"])
    }

    /// Those that a plan for any parameters uses; `table` where it reads all of the events.
    /// - Parameter analyzed: with statistics; without them PostgreSQL cannot tell one index from another here.
    private static func indexes(
        of statement: Statement, parameters: Int, analyzed: Bool = false
    ) async throws -> Set<String> {
        let found = Found()
        try await MirroredPeople.with { people in
            try await people.run("ALTER TABLE calendar_events SET (autovacuum_enabled = false)")
            let calendar = try await people.calendar()
            try await people.sync((0..<2_000).map { .single("e\($0)") }, of: calendar)
            if analyzed { try await people.run("ANALYZE calendar_events") }
            let nulls = Array(repeating: "NULL", count: parameters).joined(separator: ", ")
            let lines = try await people.acting(for: calendar.tenant) { transaction in
                for sql in ["SET LOCAL plan_cache_mode = force_generic_plan", "PREPARE checked AS \(statement.sql)"] {
                    try await transaction.execute(Statement("test.plan.\(sql.hashValue)", sql))
                }
                let plan = Statement("test.plan.\(nulls.count)", "EXPLAIN EXECUTE checked(\(nulls))")
                return try await transaction.query(plan).map { try $0.text(0) }
            }
            await found.add(lines.compactMap(Self.index))
        }
        return await found.indexes
    }

    private actor Found {
        var indexes: Set<String> = []
        func add(_ more: [String]) { indexes.formUnion(more) }
    }

    private static func index(_ line: String) -> String? {
        if line.contains("Seq Scan on calendar_events") { return "table" }
        return line.firstMatch(of: /Index (?:Only )?Scan (?:using|on) (calendar_events_\w+)/).map { String($0.1) }
    }
}
