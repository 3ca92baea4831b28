import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import Postgres
import Store

/// `/api/v1/tokens/connections`: the same connections for clients that think in tokens, and the one place where a token
/// is given away in plain text.
struct TokenRoutes: Sendable {
    /// `nil`: no accounts can be connected here.
    let parts: ConnectionParts?
    let intake: JobIntake
    let reader: JobReader
    let streams: OpenStreams

    /// A token that ends sooner is renewed first, in seconds.
    static let minLifeSeconds = 60.0
    /// How long a request waits for that, in seconds.
    static let maxWaitSeconds = 20

    func mount(on router: RouterGroup<GatewayContext>) {
        let routes = router.group("tokens/connections")
        routes.get(use: list)
        routes.get(":id", use: show)
        routes.post(":id/refresh", use: refresh)
        routes.delete(":id", use: disconnect)
    }

    /// - Parameter router: asks for no permission: a key that may have tokens needs no other.
    func mountDisclosure(on router: RouterGroup<GatewayContext>) {
        router.post("tokens/connections/:id/token", use: disclose)
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        try await IntegrationRoutes(parts: parts, intake: intake).list(request, context: context)
    }

    @Sendable func show(_ request: Request, context: GatewayContext) async throws -> Response {
        let jobs = try jobs()
        let connection = try await jobs.find(IntegrationRoutes.id(context), context)
        var writer = JSONWriter(capacity: 768)
        ConnectionAnswer(connection, jobs.parts.catalog).write(to: &writer)
        return .json(writer)
    }

    @Sendable func refresh(_ request: Request, context: GatewayContext) async throws -> Response {
        try await jobs().renew(IntegrationRoutes.id(context), context)
    }

    @Sendable func disconnect(_ request: Request, context: GatewayContext) async throws -> Response {
        try await jobs().disconnect(IntegrationRoutes.id(context), context)
    }

    @Sendable func disclose(_ request: Request, context: GatewayContext) async throws -> Response {
        let jobs = try jobs()
        guard jobs.parts.disclosesTokens else { throw Problem.tokensOff }
        try context.require(.discloseTokens)
        let connection = try await jobs.find(IntegrationRoutes.id(context), context)
        try await renewIfNeeded(connection, jobs, context)
        let opened = try await jobs.parts.connections.open(connection.id, tenant: connection.tenant)
        guard opened.connection.state == .active, let token = opened.accessToken else { throw Problem.reconnectNeeded }
        guard Self.lives(opened.connection, seconds: 0) else { throw Problem.tokenNotReady }
        // What is not in the log is not given.
        try await record(opened.connection, jobs.parts.pool, context)
        var writer = JSONWriter(capacity: 4096)
        writer.object { object in
            object.field("access_token", token)
            object.field("token_type", "Bearer")
            object.field("expires_at", opened.connection.expiresAt)
            object.key("scopes")
            object.array { array in for scope in opened.connection.scopes { array.string(scope) } }
        }
        return .json(writer)
    }

    private func renewIfNeeded(
        _ connection: Connection, _ jobs: ConnectionJobs, _ context: GatewayContext
    ) async throws {
        switch connection.state {
        case .active: break
        case .needsReconnect: throw Problem.reconnectNeeded
        case .disconnecting: throw Problem.disconnecting
        }
        guard !Self.lives(connection, seconds: Self.minLifeSeconds) else { return }
        let place = try streams.enter(context.requirePrincipal())
        defer { withExtendedLifetime(place) {} }
        guard let job = try await jobs.startCheck(connection, context).job else { throw Problem.tokenNotReady }
        _ = try await reader.wait(job.id, tenant: connection.tenant, for: .seconds(Self.maxWaitSeconds))
    }

    private static func lives(_ connection: Connection, seconds: Double) -> Bool {
        connection.expiresAt.map { $0.timeIntervalSinceNow > seconds } ?? true
    }

    private func record(_ connection: Connection, _ pool: PostgresPool, _ context: GatewayContext) async throws {
        let caller = try context.requireCaller()
        let entry = AuditLog.Entry(
            .tokenDisclosed, tenant: connection.tenant, user: caller.user, subject: "connection:\(connection.id)"
        ) { $0.field("provider", connection.provider.rawValue) }
        try await pool.transaction(settings: context.acting) { transaction in
            try await AuditLog.record(entry, by: caller, in: transaction)
        }
    }

    private func jobs() throws -> ConnectionJobs { ConnectionJobs(parts: try parts.orOff(), intake: intake) }
}
