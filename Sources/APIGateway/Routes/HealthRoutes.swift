import Domain
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Postgres
import Redis
import Telemetry

/// `/health` and `/api/v1/health`: open to everybody, and therefore saying little.
struct HealthRoutes: Sendable {
    let pool: PostgresPool
    let redis: RedisClient

    /// How long a dependency may take to answer.
    static let patience = Duration.seconds(2)
    private static let ping = Statement("health.ping", "SELECT 1")

    func mount(on router: Router<GatewayContext>) {
        router.group("health").add(middleware: Self.deprecated).get { _, _ in Self.live() }
        router.get("api/v1/health/live") { _, _ in Self.live() }
        router.get("api/v1/health/ready") { _, _ in await ready() }
    }

    /// From 21 November 2026, for a year.
    private static let deprecated = Deprecated(
        since: Date(timeIntervalSince1970: 1_795_219_200), sunset: Date(timeIntervalSince1970: 1_826_755_200),
        successor: "/api/v1/health/live")

    private static func live() -> Response {
        var writer = JSONWriter(capacity: 32)
        writer.object { $0.field("status", "ok") }
        return .json(writer)
    }

    private func ready() async -> Response {
        let readiness = await readiness()
        return Response(
            status: readiness.isReady ? .ok : .serviceUnavailable,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: readiness.json)))
    }

    /// Whether the stores answer.
    func readiness() async -> MetricsServer.Readiness {
        async let postgresAnswers = Self.answers { _ = try await pool.query(Self.ping) }
        async let redisAnswers = Self.answers { try await redis.ping(within: Self.patience) }
        let states = (postgres: await postgresAnswers, redis: await redisAnswers)
        let isReady = states.postgres && states.redis
        var writer = JSONWriter(capacity: 160)
        writer.object { object in
            object.field("status", isReady ? "ready" : "not_ready")
            object.key("dependencies")
            object.object { dependencies in
                dependencies.key("postgres")
                Self.write(states.postgres, to: &dependencies)
                dependencies.key("redis")
                Self.write(states.redis, to: &dependencies)
            }
        }
        return MetricsServer.Readiness(isReady: isReady, json: writer.bytes)
    }

    private static func write(_ isThere: Bool, to writer: inout JSONWriter) {
        writer.object { $0.field("status", isThere ? "ok" : "missing") }
    }

    private static func answers(_ ask: @escaping @Sendable () async throws -> Void) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await ask()
                    return true
                } catch {
                    return false
                }
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }
}
