import Domain
import Hummingbird
import HummingbirdCore
import Jobs
import Logging
import NIOCore
import Redis
import ServiceLifecycle
import Store
import TestSupport

@testable import APIGateway

/// The gateway's socket in this process, behind a gate of a test's own.
enum SocketServer {
    static func with(
        _ gate: SocketGate, limits: SocketLimits = SocketLimits(),
        _ body: @Sendable @escaping (_ base: String, Engine) async throws -> Void
    ) async throws {
        try await Engine.with { engine in
            let reader = engine.reader
            let inner = Router(context: GatewayContext.self)
            inner.add(middleware: ProblemMiddleware())
            let api = inner.group("api/v1")
            let jobs = api.group().add(middleware: Permitted(read: .readJobs, write: .writeJobs))
            JobRoutes(intake: engine.intake, reader: reader, streams: OpenStreams()).mount(on: jobs)
            ControlRoutes(intake: engine.intake).mount(on: jobs)
            let responder = inner.buildResponder()
            let router = Router(context: GatewayContext.self)
            router.add(middleware: ProblemMiddleware())
            WebSocketRoutes(
                respond: { try await responder.respond(to: $0, context: $1) }, reader: reader, gate: gate,
                limits: limits, census: SocketCensus(limits: limits)
            ).mount(on: router.group("api/v1"))
            try await serve(router) { try await body("http://127.0.0.1:\($0)", engine) }
        }
    }

    /// Serves while a body runs.
    static func serve(
        _ router: Router<GatewayContext>, _ body: @Sendable @escaping (_ port: Int) async throws -> Void
    ) async throws {
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router,
            server: .http1(configuration: .init(additionalChannelHandlers: [UpgradeHandler()])),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { told.yield($0.localAddress?.port ?? 0) }, logger: TestStores.silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            defer { group.cancelAll() }
            for await port in ports {
                try await body(port)
                break
            }
        }
    }
}
