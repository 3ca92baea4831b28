import Domain
import FoundationEssentials
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

    @Test func `two that connect an account at once make one connection, whose tokens open`() async throws {
        try await ConnectedPeople.with { people in
            for number in 1...8 {
                let tenant = TenantID.make()
                // Made beforehand: what is tried here is the row alone.
                _ = try await people.connections.sealingKey(of: tenant)
                let made = try await withThrowingTaskGroup(of: ConnectionID.self) { group in
                    for token in 1...4 {
                        group.addTask { try await people.connect(of: tenant, ConnectedPeople.tokens(token)).id }
                    }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                let id = try #require(made.first, "round \(number)")
                #expect(made.count == 1)
                let opened = try await people.connections.open(id, tenant: tenant)
                #expect(opened.connection.tokenVersion == 4)
                #expect(opened.accessToken?.suffix(1) == opened.refreshToken?.suffix(1))
            }
        }
    }

    @Test func `a second that connects an account waits for the first`() async throws {
        try await ConnectedPeople.with { people in
            let (tenant, pool) = (TenantID.make(), people.engine.workerPool)
            let key = try await people.connections.sealingKey(of: tenant)
            let (connections, new) = (people.connections, ConnectedPeople.new(tenant, ConnectedPeople.tokens(1)))
            let second = try await pool.transaction(settings: RowAccess.tenant(tenant)) { transaction in
                #expect(try await connections.lockVersion(of: new, in: transaction) == nil)
                let second = Task { try await people.connect(of: tenant, ConnectedPeople.tokens(2)) }
                while try await people.people.count(Self.waiters) == 0 { try await Task.sleep(for: .milliseconds(5)) }
                _ = try await connections.connect(new, sealedBy: key, margin: .standard, in: transaction)
                return second
            }
            #expect(try await second.value.id == new.id)
            #expect(try await connections.open(new.id, tenant: tenant).accessToken == "access-2")
        }
    }

    private static let waiters = """
        SELECT count(*) FROM pg_locks
        WHERE locktype = 'advisory' AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """

    @Test func `a connection is renewed at the time that its tokens ask for`() async throws {
        try await ConnectedPeople.with { people in
            func left(_ tokens: TokenSet, account: String) async throws -> Double? {
                try await people.connect(of: .make(), account: account, tokens).renewAt?.timeIntervalSinceNow
            }
            func tokens(_ refresh: String?, _ life: Int?) -> TokenSet {
                TokenSet(
                    accessToken: "a", refreshToken: refresh, expiresInSeconds: life, refreshExpiresInSeconds: nil,
                    scopes: nil)
            }
            #expect((2600...3000).contains(try #require(try await left(tokens("r", 3600), account: "usual"))))
            let ends = try #require(try await left(tokens(nil, 3600), account: "no refresh token"))
            #expect((3500...3600).contains(ends))
            let endless = try #require(try await left(tokens("r", nil), account: "no end"))
            #expect((86_000...86_400).contains(endless))
            #expect(try await left(tokens(nil, nil), account: "neither") == nil)
            // The refresh token of before goes on.
            let tenant = TenantID.make()
            _ = try await people.connect(of: tenant)
            let again = try await people.connect(of: tenant, tokens(nil, 3600)).renewAt?.timeIntervalSinceNow
            #expect((2600...3000).contains(try #require(again)))
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
