import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct OperatorStatementTests {
    static let worker: [Statement] = [
        MailContext.account, MailContext.invitation, AccountOperations.list, AccountOperations.lockByEmail,
        AccountOperations.companies, AccountOperations.identities, KeyOperations.list, KeyOperations.owner,
        Users.byID, Users.byEmail, Users.lockByID, Users.insert, Users.update, Sessions.list, Sessions.revokeOthers,
        APIKeys.insert, APIKeys.revoke, AuditLog.insert, MailContext.connection, ConnectionOperations.list,
        Connections.elsewhere,
        Calendars.list, Calendars.find, Calendars.overlapping, Calendars.event, Calendars.page, Calendars.changes,
    ]

    @Test func `every statement of the worker fits the migrated schema`() async throws {
        #expect(Set(Self.worker.map(\.name)).count == Self.worker.count)
        #expect(Self.worker.allSatisfy { $0.name.utf8.count <= 40 })
        let stores = try await TestStores.make()
        for statement in Self.worker {
            try await stores.withPool(as: "errand_worker", size: 1) { pool in
                try await pool.script("PREPARE checked AS \(statement.sql)")
            }
        }
        try await stores.drop()
    }
}
