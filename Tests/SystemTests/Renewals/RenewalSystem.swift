import Domain
import Foundation
import HTTPTransport
import Jobs
import Postgres
import Store
import TestSupport
import Testing
import Vault

/// A system whose workers renew connections at the simulated providers.
struct RenewalSystem: Sendable {
    let system: TestSystem
    let keyFile: String
    let pool: PostgresPool

    static func with(_ body: @Sendable (RenewalSystem) async throws -> Void) async throws {
        try await TestSystem.with { system in
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("master-\(JobID.make())").path
            defer { try? FileManager.default.removeItem(atPath: file) }
            try await system.stores.withPool(as: "errand_worker") { pool in
                let renewals = RenewalSystem(system: system, keyFile: file, pool: pool)
                try await renewals.setUp()
                try await body(renewals)
            }
        }
    }

    private func setUp() async throws {
        #expect(try await system.operate("master-keys", "new", keyFile).output == "k1")
        for provider in ["google", "notion"] {
            let client = #""client_id":"id","client_secret":"secret","redirect_uris":["\#(Self.callback)"]"#
            try await control("POST", "clients", #"{"provider":"\#(provider)",\#(client)}"#)
        }
    }

    static let callback = "https://errand.test/api/v1/integrations/callback"

    // MARK: Programs

    /// - Parameter base: stands for the simulator's address.
    func settings(base: String? = nil, timeoutSeconds: Int = 2) -> [String: String] {
        var all = ["MASTER_KEYS_FILE": keyFile, "RENEWAL_TIMEOUT_SECONDS": "\(timeoutSeconds)"]
        for name in ["google", "notion"] {
            all["\(name.uppercased())_CLIENT_ID"] = "id"
            all["\(name.uppercased())_CLIENT_SECRET"] = "secret"
            all["\(name.uppercased())_BASE_URL"] = "\(base ?? system.providerURL)/\(name)"
        }
        return all
    }

    func startWorker(
        base: String? = nil, timeoutSeconds: Int = 2, queues: String = "default,tokens", _ more: [String: String] = [:]
    ) async throws -> ServerProcess {
        try await system.startWorker(
            queues: queues, settings(base: base, timeoutSeconds: timeoutSeconds).merging(more) { $1 })
    }

    // MARK: The simulator

    struct Token: Decodable {
        var value: String
        var kind: String
    }
    struct Call: Decodable {
        var outcome: String?
        var fault: String?
    }
    struct Grants: Decodable {
        struct Grant: Decodable {
            var accessToken: String
            var refreshToken: String?
            var scopes: [String]
            var providerAccount: Account
        }
        struct Account: Decodable {
            var google: Google
            var notion: Notion
        }
        struct Google: Decodable { var sub: String }
        struct Notion: Decodable { var botId: String }
        var grants: [Grant]
    }

    @discardableResult
    func control(_ method: String, _ path: String, _ body: String? = nil) async throws -> Data {
        let response = try await system.transport.send(
            HTTPRequest(
                method: method, url: "\(system.providerURL)/_simulator/oauth/\(path)",
                headers: [(name: "Content-Type", value: "application/json")], body: body.map { Array($0.utf8) }))
        return Data(try await response.body.collect(upTo: 16 << 20))
    }

    func fault(_ kind: String, at provider: String) async throws {
        try await control(
            "POST", "faults",
            #"{"kind":"\#(kind)","provider":"\#(provider)","grant":"refresh_token","times":1}"#)
    }

    /// Renewals that the provider was asked for; waits for so many up to half a minute.
    func renewalCalls(_ query: String = "", atLeast count: Int = 0) async throws -> [Call] {
        struct Calls: Decodable { var calls: [Call] }
        let data = try await control("GET", "calls?grant=refresh_token&count=\(count)&wait=30\(query)")
        return try JSONDecoder().decode(Calls.self, from: data).calls
    }

    func tokens(_ query: String = "live=true") async throws -> [Token] {
        struct Tokens: Decodable { var tokens: [Token] }
        return try JSONDecoder().decode(Tokens.self, from: try await control("GET", "tokens?\(query)")).tokens
    }

    /// - Parameter scopes: `nil`: those that the provider's simulator gives by itself.
    func grant(_ provider: String, _ account: String, scopes: [String]? = nil) async throws -> Grants.Grant {
        let list = scopes.map { #","scopes":[\#($0.map { "\"\($0)\"" }.joined(separator: ","))]"# } ?? ""
        let body = #"{"provider":"\#(provider)","client_id":"id","account":"\#(account)"\#(list)}"#
        try await control("POST", "accounts", #"{"name":"\#(account)"}"#)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let grants = try decoder.decode(Grants.self, from: try await control("POST", "grants", body))
        return try #require(grants.grants.first)
    }

    // MARK: Connections

    func vault() async throws -> TokenVault {
        TokenVault(pool: pool, wrapping: LocalKeyWrapping(try await MasterKeys.read(path: keyFile)))
    }

    func connections() async throws -> Connections { Connections(pool: pool, vault: try await vault()) }

    /// - Parameter lifeSeconds: of the access token.
    func connect(
        _ provider: String, _ account: String = "ada", by user: UserID? = nil, tenant: TenantID = .make(),
        lifeSeconds: Int = 3600, scopes: [String]? = nil
    ) async throws -> Connection {
        let grant = try await grant(provider, account, scopes: scopes)
        let id = provider == "google" ? grant.providerAccount.google.sub : grant.providerAccount.notion.botId
        let new = Connections.New(
            tenant: tenant, provider: try #require(ProviderName(rawValue: provider)), host: nil, accountID: id,
            accountName: account, connectedBy: user,
            tokens: TokenSet(
                accessToken: grant.accessToken, refreshToken: grant.refreshToken, expiresInSeconds: lifeSeconds,
                refreshExpiresInSeconds: nil, scopes: grant.scopes))
        let connections = try await connections()
        let key = try await connections.sealingKey(of: tenant)
        return try await pool.transaction(settings: RowAccess.tenant(tenant)) {
            try await connections.connect(new, sealedBy: key, margin: .standard, in: $0)
        }
    }

    /// - Parameter isUnique: false: another one of the same connection does not stand for it.
    func enqueue(
        _ commands: [any Domain.Command], tenant: TenantID, isUnique: Bool = true
    ) async throws -> [JobID] {
        let jobs = try commands.map { command in
            var specification = try (command as? RenewToken)?.specification() ?? command.specification(queue: nil)
            if !isUnique { specification.unique = nil }
            return NewJob(tenant: tenant, specification: specification)
        }
        let store = JobStore(pool: pool)
        return try await pool.transaction(settings: JobStore.acting(for: tenant)) {
            try await store.accept(jobs, in: $0).map(\.job.id)
        }
    }

    func states(_ jobs: [JobID]) async throws -> [String] {
        let statement = Statement("test.states", "SELECT state FROM jobs WHERE id = ANY ($1)")
        return try await system.owner.query(statement, [.uuids(jobs.map(\.uuid))]).map { try $0.text(0) }
    }

    /// Until all have this state.
    func wait(for jobs: [JobID], _ state: String = "succeeded", seconds: Int = 60) async throws {
        try await until(seconds) { try await states(jobs).allSatisfy { $0 == state } }
    }

    func until(_ seconds: Int = 60, _ test: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try await !test() {
            try #require(ContinuousClock.now < deadline, "it did not come about")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Holds what a statement locks for the time of a body.
    /// - Parameter body: is given the process id of the database's side.
    func holding(_ lock: String, _ body: @Sendable (Int) async throws -> Void) async throws {
        let (held, isHeld) = AsyncStream.makeStream(of: Int.self)
        let (end, ending) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await system.owner.transaction { transaction in
                    let pid = try await transaction.query(Statement("test.pid", "SELECT pg_backend_pid()"))
                    _ = try await transaction.query(Statement("test.lock.\(lock.hashValue)", lock))
                    isHeld.yield(try pid[0].int(0))
                    for await _ in end {}
                }
            }
            var holder = held.makeAsyncIterator()
            guard let pid = await holder.next() else { return }
            try await body(pid)
            ending.finish()
            try await group.waitForAll()
        }
    }

    /// Until somebody waits for what this database process holds.
    func waitForBlocked(by pid: Int) async throws {
        try await until(30) {
            try await system.count(
                "SELECT count(*) FROM pg_stat_activity WHERE \(pid) = ANY (pg_blocking_pids(pid))") > 0
        }
    }
}
