import Domain
import Foundation
import Postgres
import TestSupport
import Testing

/// Every table as the wrong tenant. The tables are those that the migrated schema has: a new one without policies, or
/// without rows here that would show a leak, fails.
@Suite struct TableIsolationTests {
    private struct Stage: Sendable {
        let engine: Engine
        let tenants = TwoTenants()
        let tables: [CatalogueTable]

        func pool(_ role: String) -> PostgresPool { role == "errand_gateway" ? engine.gatewayPool : engine.workerPool }

        /// Tables in which the role must not see rows of a tenant that it did not name.
        func closed(to role: String) -> [CatalogueTable] {
            tables.filter { table in
                role == "errand_gateway"
                    ? !CatalogueTable.seenByGateways.contains(table.name)
                    : !CatalogueTable.seenByWorkers.contains(table.name)
            }
        }

        /// What is theirs, in all tables, as one text.
        func fingerprint() async throws -> [String: String] {
            var all: [String: String] = [:]
            for table in tables {
                guard let isTheirs = table.isOf(tenants.theirs, as: "item") else { continue }
                let sql = """
                    SELECT coalesce(md5(string_agg(item::text, '|' ORDER BY item::text)), 'none')
                    FROM \(table.name) AS item WHERE \(isTheirs)
                    """
                let row = try await engine.owner.query(Statement("test.fingerprint.\(table.name)", sql))
                all[table.name] = try row[0].text(0)
            }
            return all
        }

        func changeableColumn(of table: CatalogueTable, by role: String) async throws -> String {
            let sql = """
                SELECT attname::text FROM pg_attribute
                WHERE attrelid = '\(table.name)'::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''
                ORDER BY has_column_privilege('\(role)', attrelid, attnum, 'UPDATE') DESC, attnum LIMIT 1
                """
            let row = try await engine.owner.query(Statement("test.column.\(role).\(table.name)", sql))
            return try row[0].text(0)
        }
    }

    private static func onStage(_ body: @Sendable (Stage) async throws -> Void) async throws {
        try await Engine.with { engine in
            let relations = try await CatalogueTable.all(engine.owner)
            for relation in relations where relation.kind != "r" {
                Issue.record("\(relation.table.name) is of the kind \(relation.kind): say here how it is closed")
            }
            let stage = Stage(engine: engine, tables: relations.map(\.table))
            try await stage.tenants.plant(engine.owner)
            try await body(stage)
        }
    }

    @Test func `every table has row-level security, and a known place`() async throws {
        try await Self.onStage { stage in
            for table in stage.tables {
                #expect(table.hasRowSecurity, "\(table.name) has no row-level security")
                guard let isTheirs = table.isOf(stage.tenants.theirs, as: "item") else {
                    #expect(CatalogueTable.ofTheEngine.contains(table.name), "whose are the rows of \(table.name)?")
                    continue
                }
                let count = Statement(
                    "test.planted.\(table.name)", "SELECT count(*) FROM \(table.name) AS item WHERE \(isTheirs)")
                let planted = try await stage.engine.owner.query(count)[0].int(0)
                #expect(planted > 0, "plant a row of \(table.name), so that a leak would show")
            }
            #expect(CatalogueTable.seenByWorkers.isSubset(of: stage.tables.map(\.name)))
        }
    }

    @Test func `the roles own nothing, may not bypass, and can become nobody else`() async throws {
        try await Self.onStage { stage in
            let roles = "rolname IN ('errand_gateway', 'errand_worker')"
            for sql in [
                """
                SELECT count(*) FROM pg_roles
                WHERE \(roles) AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)
                """,
                """
                SELECT count(*) FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner
                WHERE relnamespace = current_schema()::regnamespace AND \(roles)
                """,
                """
                SELECT count(*) FROM pg_proc JOIN pg_roles ON pg_roles.oid = proowner
                WHERE pronamespace = current_schema()::regnamespace AND \(roles)
                """,
                "SELECT count(*) FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = member WHERE \(roles)",
                """
                SELECT count(*) FROM pg_roles
                WHERE \(roles) AND has_schema_privilege(oid, current_schema()::regnamespace, 'CREATE')
                """,
                // A function that runs as its owner would see everything.
                "SELECT count(*) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prosecdef",
            ] {
                let count = try await stage.engine.owner.query(Statement("test.roles.\(sql.hashValue)", sql))
                #expect(try count[0].int(0) == 0, "\(sql)")
            }
            for role in ["errand_gateway", "errand_worker"] {
                for text in ["SET ROLE postgres", "SET SESSION AUTHORIZATION postgres", "SET ROLE errand_owner"] {
                    let outcome = try await Probe(name: text, sql: text).run(stage.pool(role), [])
                    #expect(outcome != .rows(0), "\(role) may \(text)")
                }
                let own = try await Probe(name: "reset", before: ["RESET ROLE"], sql: "SELECT count(*) FROM users").run(
                    stage.pool(role), [])
                #expect(own == .rows(0))
            }
        }
    }

    @Test(arguments: ["errand_gateway", "errand_worker"])
    func `who names no tenant sees and changes nothing`(role: String) async throws {
        try await Self.onStage { stage in
            // A gateway that says it is an operator is still nobody.
            let operators: [[PostgresSetting]] =
                role == "errand_gateway" ? [[], [PostgresSetting("errand.operator", "on")]] : [[]]
            let before = try await stage.fingerprint()
            var tally = Tally()
            for settings in operators {
                for table in stage.closed(to: role) {
                    let column = try await stage.changeableColumn(of: table, by: role)
                    let probes = TableProbes(table: table, isTheirs: "to_jsonb(item) IS NOT NULL", column: column)
                    for probe in probes.reads + probes.changes + probes.ends {
                        tally.note(
                            try await probe.run(stage.pool(role), settings), "\(role) \(table.name) \(probe.name)")
                    }
                }
            }
            print("\(role) without a tenant: \(tally.count) probes, \(tally.leaks.count) leaks")
            #expect(tally.leaks.isEmpty, "\(tally.leaks)")
            #expect(tally.unsound.isEmpty, "\(tally.unsound)")
            #expect(try await stage.fingerprint() == before)
        }
    }

    @Test(arguments: ["errand_gateway", "errand_worker"])
    func `the wrong tenant sees and changes nothing`(role: String) async throws {
        try await Self.onStage { stage in
            var tally = Tally()
            let pool = stage.pool(role)
            let before = try await stage.fingerprint()
            for isEnding in [false, true] {
                for table in stage.closed(to: role) {
                    guard let isTheirs = table.isOf(stage.tenants.theirs, as: "item") else { continue }
                    let column = try await stage.changeableColumn(of: table, by: role)
                    let probes = TableProbes(table: table, isTheirs: isTheirs, column: column)
                    let all =
                        isEnding
                        ? probes.ends
                        : probes.reads + probes.changes + probes.gifts(to: stage.tenants.theirs) + probes.powers
                            + (try await Self.writes(of: table, isTheirs, column, stage))
                    for probe in all {
                        let outcome = try await probe.run(pool, stage.tenants.mine.settings)
                        tally.note(outcome, "\(role) \(table.name) \(probe.name)")
                    }
                }
            }
            let after = try await stage.fingerprint()
            for (table, text) in before where after[table] != text { tally.leaks.append("\(table) was changed") }
            print(
                "\(role): \(tally.count) probes of \(stage.closed(to: role).count) tables, \(tally.leaks.count) leaks")
            #expect(tally.leaks.isEmpty, "\(tally.leaks)")
            #expect(tally.unsound.isEmpty, "\(tally.unsound)")
            #expect(tally.count > 250)
        }
    }

    private struct Tally {
        var count = 0
        var leaks: [String] = []
        /// Probes that failed for how they were written.
        var unsound: [String] = []

        mutating func note(_ outcome: Probe.Outcome, _ name: String) {
            count += 1
            if outcome.isLeak { leaks.append("\(name): \(outcome)") }
            if !outcome.isSound { unsound.append("\(name): \(outcome)") }
        }
    }

    /// Another's row written again, and in place of itself.
    private static func writes(
        of table: CatalogueTable, _ isTheirs: String, _ column: String, _ stage: Stage
    ) async throws -> [Probe] {
        let copies = RowCopies(owner: stage.engine.owner)
        guard let same = try await copies.row(of: table, where: isTheirs),
            let fresh = try await copies.freshRow(of: table, where: isTheirs)
        else { return [] }
        let key = Statement(
            "test.key.\(table.name)",
            """
            SELECT string_agg(attname, ', ') FROM pg_index JOIN pg_attribute ON attrelid = indrelid
            WHERE indisprimary AND indrelid = '\(table.name)'::regclass AND attnum = ANY (indkey::int2[])
            """)
        let columns = try await stage.engine.owner.query(key)[0].text(0)
        return [
            RowCopies.insert(fresh, into: table, named: "insert"),
            RowCopies.insert(same, into: table, "ON CONFLICT DO NOTHING", named: "on conflict do nothing"),
            RowCopies.insert(
                same, into: table, "ON CONFLICT (\(columns)) DO UPDATE SET \(column) = excluded.\(column)",
                named: "on conflict do update"),
        ]
    }

    /// A foreign key is checked without row-level security: naming another's row must not tell that there is one.
    @Test(arguments: ["errand_gateway", "errand_worker"])
    func `a reference to another's row says no more than one to no row`(role: String) async throws {
        try await Self.onStage { stage in
            let copies = RowCopies(owner: stage.engine.owner)
            let pool = stage.pool(role)
            var (written, probed): (Set<String>, Int) = ([], 0)
            for reference in try await CatalogueReference.all(stage.engine.owner) {
                let table = try #require(stage.tables.first { $0.name == reference.table })
                let target = try #require(stage.tables.first { $0.name == reference.target })
                let isMine = try #require(table.isOf(stage.tenants.mine, as: "item"))
                let isTheirs = try #require(target.isOf(stage.tenants.theirs, as: "item"))
                let find = Statement(
                    "test.target.\(reference.table).\(reference.column)",
                    "SELECT \(reference.targetColumn)::text FROM \(reference.target) AS item WHERE \(isTheirs) LIMIT 1")
                let theirs = try await stage.engine.owner.query(find)[0].text(0)
                let settings = stage.tenants.mine.settings
                func write(_ id: String?) async throws -> Probe.Outcome {
                    let row = try #require(
                        try await copies.freshRow(of: table, where: isMine, keeping: [reference.column]))
                    let json = try id.map { try RowCopies.json(row, reference.column, $0) } ?? row
                    return try await RowCopies.insert(json, into: table, named: "reference").run(pool, settings)
                }
                func point(_ id: String) async throws -> Probe.Outcome {
                    try await Probe(
                        name: "point",
                        sql: """
                            WITH item AS (UPDATE \(table.name) SET \(reference.column) = '\(id)' RETURNING 1)
                            SELECT count(*) FROM item
                            """
                    ).run(pool, settings)
                }
                if try await write(nil) == .rows(1) { written.insert(table.name) }
                let nobody = UserID.make().description
                let place = "\(role) \(reference.table).\(reference.column)"
                let (wrote, wroteNone) = (try await write(theirs), try await write(nobody))
                #expect(wrote == wroteNone && wrote != .rows(1), "\(place): \(wrote), to nobody \(wroteNone)")
                let (pointed, pointedNone) = (try await point(theirs), try await point(nobody))
                #expect(pointed == pointedNone, "\(place) update: \(pointed), to nobody \(pointedNone)")
                probed += 1
            }
            #expect(probed >= 10)
            // What is one's own can be written: the refusals above are not those of the copies.
            #expect(written.isSuperset(of: ["tasks", "invitations", "api_keys", "sessions", "messages"]), "\(written)")
        }
    }

    @Test func `psql and COPY see nothing either`() async throws {
        try await Self.onStage { stage in
            for table in stage.closed(to: "errand_gateway") {
                for settings in [[], stage.tenants.mine.settings] {
                    let name = table.name
                    let condition = table.isOf(stage.tenants.theirs, as: "item") ?? "true"
                    for sql in [
                        "COPY (SELECT * FROM \(name) AS item WHERE \(condition)) TO STDOUT",
                        "SELECT 1 FROM \(name) AS item WHERE \(condition)",
                    ] {
                        let output = try await Psql.run(sql, settings, stage.engine.stores)
                        #expect(output.rows.isEmpty, "\(name): \(output.rows)")
                    }
                    let copied = try await Psql.run("COPY \(name) TO STDOUT", settings, stage.engine.stores)
                    for id in ["\(stage.tenants.theirs.user)", "\(stage.tenants.theirs.company)"] {
                        #expect(!copied.rows.contains { $0.contains(id) }, "\(name): \(copied.rows)")
                    }
                    let into = try await Psql.run("COPY \(name) FROM STDIN", settings, stage.engine.stores)
                    #expect(into.errors.contains("ERROR"), "\(name): \(into.errors)")
                }
            }
        }
    }

    /// Settings belong to a transaction, plans and connections to everybody.
    @Test func `what one tenant left on a connection shows another nothing`() async throws {
        try await Self.onStage { stage in
            try await stage.engine.stores.withPool(as: "errand_gateway", size: 1) { pool in
                for table in stage.closed(to: "errand_gateway") {
                    guard let isTheirs = table.isOf(stage.tenants.theirs, as: "item") else { continue }
                    let probe = Probe(
                        name: "select", sql: "SELECT count(*) FROM \(table.name) AS item WHERE \(isTheirs)")
                    let own = try await probe.run(pool, stage.tenants.theirs.settings)
                    // They do see what is theirs: the condition is right. (The gateway has no business in the others.)
                    let isHidden = ["tenant_shares", "renewals", "calendar_lists"].contains(table.name)
                    #expect(isHidden ? own == .refused("42501") : own.isLeak, "\(table.name): \(own)")
                    for settings in [stage.tenants.mine.settings, []] {
                        #expect(try await !probe.run(pool, settings).isLeak, "\(table.name)")
                    }
                }
            }
        }
    }

    @Test func `the probes find a table that is open`() async throws {
        try await Self.onStage { stage in
            for (sql, expected) in [
                ("ALTER TABLE tasks DISABLE ROW LEVEL SECURITY", "select"),
                ("ALTER TABLE tasks ENABLE ROW LEVEL SECURITY", ""),
                ("CREATE POLICY open ON tasks FOR ALL TO errand_gateway USING (true) WITH CHECK (true)", "update"),
            ] {
                try await stage.engine.owner.script(sql)
                let table = try #require(stage.tables.first { $0.name == "tasks" })
                let isTheirs = try #require(table.isOf(stage.tenants.theirs, as: "item"))
                let probes = TableProbes(table: table, isTheirs: isTheirs, column: "title")
                var leaks: [String] = []
                for probe in probes.reads + probes.changes
                where try await probe.run(stage.engine.gatewayPool, stage.tenants.mine.settings).isLeak {
                    leaks.append(probe.name)
                }
                #expect(expected.isEmpty ? leaks.isEmpty : leaks.contains(expected), "\(sql): \(leaks)")
            }
        }
    }
}
