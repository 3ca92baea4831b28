import Domain
import FoundationEssentials
import Jobs
import Postgres
import TestSupport
import Vault

@testable import Store

/// Connections of one test, as the worker's role, and what happens to them.
struct ConnectedPeople: Sendable {
    let people: People
    let masterKeys: MasterKeys

    var engine: Engine { people.engine }
    var vault: TokenVault { TokenVault(pool: engine.workerPool, wrapping: LocalKeyWrapping(masterKeys)) }
    var connections: Connections { Connections(pool: engine.workerPool, vault: vault) }
    var sweep: ConnectionSweep { ConnectionSweep(pool: engine.workerPool) }

    static func with(_ body: @Sendable (ConnectedPeople) async throws -> Void) async throws {
        let keys = try MasterKeys([try MasterKey.make(id: "k1")])
        try await People.with { try await body(ConnectedPeople(people: $0, masterKeys: keys)) }
    }

    static let hour = TokenSet(
        accessToken: "access-1", refreshToken: "refresh-1", expiresInSeconds: 3600, refreshExpiresInSeconds: nil,
        scopes: ["calendar"])

    static func tokens(_ number: Int, refresh: Bool = true) -> TokenSet {
        TokenSet(
            accessToken: "access-\(number)", refreshToken: refresh ? "refresh-\(number)" : nil,
            expiresInSeconds: 3600, refreshExpiresInSeconds: nil, scopes: nil)
    }

    func connect(
        of tenant: TenantID, by user: UserID? = nil, account: String = "account", _ tokens: TokenSet = hour
    ) async throws -> Connection {
        let new = Self.new(tenant, by: user, account: account, tokens)
        let connections = connections
        let key = try await connections.sealingKey(of: tenant)
        return try await engine.workerPool.transaction(settings: RowAccess.tenant(tenant)) {
            try await connections.connect(new, sealedBy: key, margin: .standard, in: $0)
        }
    }

    static func new(
        _ tenant: TenantID, by user: UserID? = nil, account: String = "account", _ tokens: TokenSet
    ) -> Connections.New {
        Connections.New(
            tenant: tenant, provider: ProviderName("google"), host: nil, accountID: account,
            accountName: "ada@example.com", connectedBy: user, tokens: tokens)
    }

    /// What a job that renews meets.
    func begin(
        _ connection: Connection, rotates: Bool = false, answerSeconds: Int = 60
    ) async throws -> RenewalStart {
        try await connections.begin(
            connection.id, tenant: connection.tenant, replacing: connection.tokenVersion, rotates: rotates,
            by: Connections.Renewer(job: .make(), attempt: 1, answerSeconds: answerSeconds))
    }

    /// A renewal that was written down. `nil`: it was not.
    func renewal(_ connection: Connection, rotates: Bool = false, answerSeconds: Int = 60) async throws -> Renewal? {
        guard case .ready(let renewal) = try await begin(connection, rotates: rotates, answerSeconds: answerSeconds)
        else { return nil }
        return renewal
    }

    func end(_ renewal: Renewal, _ outcome: RenewalOutcome) async throws -> RenewalEnd {
        let notice = ReconnectNotice(pool: engine.workerPool)
        return try await connections.end(renewal, outcome) { transaction in
            guard case .refused(let reason) = outcome else { return }
            try await notice.write(renewal.connection, reason, in: transaction)
        }
    }

    /// A job that has found that its connection needs a person.
    func waiting(for connection: Connection) async throws -> JobID {
        let worker = try await engine.register()
        let job = try await engine.accept(tenant: connection.tenant)
        _ = try await engine.store.claim([job.id], by: worker)
        let settling = Settling(
            job: job.id, attempt: 1,
            settlement: Settlement(
                state: .waiting, refundsAttempt: true, failure: .needsReconnect(connection.id)),
            lastSequence: nil)
        _ = try await engine.store.settle([settling], by: worker)
        return job.id
    }
}
