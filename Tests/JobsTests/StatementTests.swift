import Domain
import Postgres
import TestSupport
import Testing

@testable import Jobs
@testable import Store

@Suite struct StatementTests {
    static let statements: [(role: String, statement: Statement)] = [
        ("errand_gateway", JobStore.insert), ("errand_gateway", JobStore.claimKey),
        ("errand_gateway", JobStore.heldKey),
        ("errand_worker", JobStore.pruneKeys), ("errand_worker", JobStore.claim), ("errand_worker", JobStore.settle),
        ("errand_gateway", JobStore.nextInOrder), ("errand_gateway", JobStore.find), ("errand_gateway", JobStore.list),
        ("errand_gateway", JobStore.cancel), ("errand_worker", JobStore.promote), ("errand_worker", JobStore.overdue),
        ("errand_worker", JobStore.rescue), ("errand_worker", JobStore.stillQueued),
        ("errand_worker", JobStore.held),
        ("errand_worker", WorkerRegistry.register),
        ("errand_worker", WorkerRegistry.beat), ("errand_worker", WorkerRegistry.cancelRequests),
        ("errand_worker", WorkerRegistry.peers), ("errand_worker", WorkerRegistry.bury),
        ("errand_worker", WorkerRegistry.retire), ("errand_gateway", Conversations.open),
        ("errand_gateway", Conversations.advance), ("errand_gateway", Conversations.insertQuestion),
        ("errand_gateway", Conversations.turnOfJob), ("errand_worker", Conversations.exchanges),
        ("errand_worker", Conversations.insertAnswer), ("errand_worker", Conversations.touch),
        ("errand_gateway", Conversations.list), ("errand_gateway", Conversations.exists),
        ("errand_gateway", Conversations.messages),
    ]

    @Test(arguments: ["errand_gateway", "errand_worker"])
    func `a role plans by index, without looking at values, and compiles nothing`(role: String) async throws {
        let stores = try await TestStores.make()
        try await stores.withPool(as: role, size: 1) { pool in
            for (setting, value) in [
                ("enable_seqscan", "off"), ("jit", "off"), ("plan_cache_mode", "force_generic_plan"),
            ] {
                let statement = Statement("test.\(setting)", "SELECT current_setting('\(setting)')")
                let found = try await pool.query(statement)[0].text(0)
                #expect(found == value)
            }
        }
        try await stores.drop()
    }

    @Test func `every statement fits the migrated schema`() async throws {
        #expect(Set(Self.statements.map(\.statement.name)).count == Self.statements.count)
        let stores = try await TestStores.make()
        for (role, statement) in Self.statements {
            try await stores.withPool(as: role, size: 1) { pool in
                try await pool.script("PREPARE checked AS \(statement.sql)")
            }
        }
        try await stores.drop()
    }
}
