import Domain
import Jobs
import Postgres
import TestSupport
import Testing
import Vault

@testable import Store

@Suite struct ConnectionTests {
    @Test func `an account that is connected again keeps its id and gets the new tokens`() async throws {
        try await ConnectedPeople.with { people in
            let user = try await people.people.person()
            let first = try await people.connect(of: TenantID(user), by: user)
            let second = try await people.connect(
                of: TenantID(user), by: user, ConnectedPeople.tokens(2, refresh: false))
            let other = try await people.connect(of: TenantID(user), by: user, account: "another")
            #expect(second.id == first.id)
            #expect(second.tokenVersion == 2)
            #expect(other.id != first.id)
            let opened = try await people.connections.open(first.id, tenant: first.tenant)
            #expect(opened.accessToken == "access-2")
            #expect(opened.refreshToken == "refresh-1", "the provider gave none")
            #expect(try await people.connections.list(of: first.tenant).map(\.id) == [first.id, other.id])
        }
    }

    @Test func `tokens are stored sealed, and open in their own place only`() async throws {
        try await ConnectedPeople.with { people in
            let (mine, theirs) = (TenantID.make(), TenantID.make())
            let connection = try await people.connect(of: mine)
            _ = try await people.connect(of: theirs)
            await #expect(throws: ConnectionError.notFound) {
                try await people.connections.open(connection.id, tenant: theirs)
            }
            let plain = """
                SELECT count(*) FROM connections
                WHERE connections::text LIKE '%access-1%' OR connections::text LIKE '%refresh-1%'
                """
            #expect(try await people.people.count(plain) == 0)
            for change in [
                "SET access_token = refresh_token",
                "SET access_token = (SELECT access_token FROM connections WHERE tenant_id = '\(theirs)')",
            ] {
                try await people.engine.owner.script("UPDATE connections \(change) WHERE id = '\(connection.id)'")
                await #expect(throws: SealingError.notAuthentic) {
                    try await people.connections.open(connection.id, tenant: mine)
                }
            }
        }
    }

    @Test func `a token that its provider refuses is over, unless there is a newer one`() async throws {
        try await ConnectedPeople.with { people in
            let connection = try await people.connect(of: .make())
            let due = { try await people.sweep.due(withinSeconds: 0, after: nil).map(\.connection) }
            try await people.connections.reject(7, of: connection.id, tenant: connection.tenant)
            #expect(try await due().isEmpty)
            try await people.connections.reject(1, of: connection.id, tenant: connection.tenant)
            #expect(try await due() == [connection.id])
        }
    }

    @Test func `operators list the connections of all workspaces`() async throws {
        try await ConnectedPeople.with { people in
            let first = try await people.connect(of: .make())
            let second = try await people.connect(of: .make())
            let operations = ConnectionOperations(pool: people.engine.workerPool)
            func ids(_ filter: ConnectionOperations.Filter) async throws -> [ConnectionID] {
                try await operations.list(filter, limit: 10).map(\.id)
            }
            #expect(try await ids(.init()) == [second.id, first.id])
            #expect(try await ids(.init(tenant: first.tenant, provider: first.provider, state: .active)) == [first.id])
            #expect(try await ids(.init(provider: ProviderName("notion"))).isEmpty)
            #expect(try await ids(.init(state: .needsReconnect)).isEmpty)
        }
    }

    @Test func `a connection that ends takes its renewals along, unless it was made again meanwhile`() async throws {
        try await ConnectedPeople.with { people in
            let connection = try await people.connect(of: .make())
            #expect(try await people.renewal(connection) != nil)
            let (connections, tenant) = (people.connections, connection.tenant)
            func inWorkspace(_ body: @escaping @Sendable (PostgresTransaction) async throws -> Void) async throws {
                try await people.engine.workerPool.transaction(settings: RowAccess.tenant(tenant), body)
            }
            try await inWorkspace { _ = try await connections.disconnect(connection.id, tenant: tenant, in: $0) }
            _ = try await people.connect(of: tenant)
            try await inWorkspace { _ = try await connections.delete(connection.id, tenant: tenant, in: $0) }
            #expect(try await connections.find(connection.id, tenant: tenant).state == .active)
            try await inWorkspace { _ = try await connections.disconnect(connection.id, tenant: tenant, in: $0) }
            try await inWorkspace { _ = try await connections.delete(connection.id, tenant: tenant, in: $0) }
            #expect(try await people.people.count("SELECT count(*) FROM connections") == 0)
            #expect(try await people.people.count("SELECT count(*) FROM renewals") == 0)
        }
    }

    @Test func `erasing a workspace begins with what opens its tokens`() async throws {
        try await ConnectedPeople.with { people in
            let connection = try await people.connect(of: .make())
            let kept = try await people.connect(of: .make())
            let worker = try await people.engine.register()
            let job = try await people.engine.accept(tenant: connection.tenant)
            _ = try await people.engine.store.claim([job.id], by: worker)
            let erasure = WorkspaceErasure(pool: people.engine.workerPool)
            #expect(try await !erasure.erase(connection.tenant, but: nil), "a job still runs")
            await #expect(throws: SealingError.unknownKeyVersion) {
                try await people.connections.open(connection.id, tenant: connection.tenant)
            }
            let settling = Settling(
                job: job.id, attempt: 1, settlement: Settlement(state: .cancelled), lastSequence: nil)
            _ = try await people.engine.store.settle([settling], by: worker)
            #expect(try await erasure.erase(connection.tenant, but: nil))
            let rows = "SELECT (SELECT count(*) FROM connections) + (SELECT count(*) FROM data_keys)"
            #expect(try await people.people.count(rows) == 2)
            #expect(try await people.connections.open(kept.id, tenant: kept.tenant).accessToken == "access-1")
        }
    }
}
