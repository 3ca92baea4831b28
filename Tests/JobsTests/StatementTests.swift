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
