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
        ("errand_gateway", JobStore.nextInOrder), ("errand_gateway", JobStore.find),
        ("errand_gateway", JobStore.findMany), ("errand_gateway", JobStore.list),
        ("errand_gateway", JobStore.cancel), ("errand_gateway", JobStore.withdraw),
        ("errand_worker", JobStore.promote), ("errand_worker", JobStore.overdue),
        ("errand_worker", JobStore.heads), ("errand_worker", JobStore.rest), ("errand_worker", JobStore.expire),
        ("errand_worker", JobStore.deferGated), ("errand_worker", JobStore.delayed),
        ("errand_worker", JobStore.lockLimits), ("errand_worker", JobStore.limitNames),
        ("errand_worker", JobStore.claimLimited), ("errand_worker", JobStore.keyed),
        ("errand_worker", JobStore.nextOfKeys), ("errand_worker", JobStore.closeGates),
        ("errand_worker", JobStore.writeProgress), ("errand_worker", JobStore.settings),
        ("errand_gateway", JobStore.insertBatch), ("errand_worker", JobStore.finishBatches),
        ("errand_worker", JobStore.setCallback), ("errand_worker", JobStore.unfinishedBatches),
        ("errand_gateway", JobStore.rekey), ("errand_gateway", JobStore.lockUnique),
        ("errand_gateway", JobStore.lockPending), ("errand_gateway", JobStore.earlier),
        ("errand_gateway", JobStore.replace), ("errand_worker", JobStore.hasten), ("errand_gateway", JobStore.retry),
        ("errand_gateway", JobStore.retryMany), ("errand_gateway", JobStore.discard),
        ("errand_gateway", JobStore.discardMany), ("errand_gateway", JobStore.cancelMany),
        ("errand_gateway", JobStore.findBatch), ("errand_gateway", JobStore.putSchedule),
        ("errand_gateway", JobStore.findSchedule), ("errand_gateway", JobStore.schedules),
        ("errand_gateway", JobStore.deleteSchedule), ("errand_gateway", JobStore.pauseSchedule),
        ("errand_worker", JobStore.dueSchedules), ("errand_worker", JobStore.advanceSchedules),
        ("errand_gateway", JobStore.noteFired), ("errand_gateway", JobStore.pauseQueue),
        ("errand_worker", WorkerRegistry.survive), ("errand_worker", WorkerRegistry.toReturn),
        ("errand_worker", WorkerRegistry.returned),
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
        ("errand_worker", JobStore.countLists), ("errand_worker", JobStore.countLongLists),
        ("errand_worker", JobStore.countOthers), ("errand_worker", JobStore.sumRecent),
        ("errand_worker", JobStore.countWorkers), ("errand_worker", JobStore.queueSettings),
        ("errand_worker", JobStore.readStates), ("errand_worker", JobStore.lockStates),
        ("errand_worker", JobStore.writeStates), ("errand_worker", JobStore.pruneJobs),
        ("errand_worker", JobStore.pruneTurn), ("errand_worker", JobStore.pruneStep),
        ("errand_worker", JobStore.pruneBatches), ("errand_worker", JobStore.pruneGraves),
        ("errand_worker", JobStore.pruneGates),
        ("errand_worker", JobStore.limitQueue), ("errand_worker", JobStore.shareTenant),
        ("errand_worker", JobStore.listShares), ("errand_worker", JobStore.setClassLimit),
        ("errand_worker", JobStore.removeClassLimit), ("errand_worker", JobStore.listClassLimits),
        ("errand_worker", JobStore.listGates), ("errand_worker", JobStore.openGate),
        ("errand_worker", JobStore.releaseGated), ("errand_worker", JobStore.listSchedules),
        ("errand_worker", JobStore.searchAll), ("errand_worker", JobStore.searchState),
        ("errand_worker", JobStore.searchDead), ("errand_worker", JobStore.searchScheduled),
        ("errand_worker", JobStore.searchRunning), ("errand_worker", JobStore.searchWaiting),
        ("errand_worker", JobStore.detail), ("errand_worker", JobStore.listWorkers),
        ("errand_worker", JobStore.listGraves),
        ("errand_worker", WorkerRegistry.tell),
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
