package import Logging
import ServiceLifecycle

/// Answers `GET /metrics`, `/health/live` and `/health/ready` for programs that serve nothing else over HTTP, on a
/// thread of its own. Everything else is 404 or 405. At most 16 clients at once; each has 5 seconds.
///
/// Put it before the services it reports on: a service group stops it last.
package final class MetricsServer: Service {
    /// Whether the program does its work now, and a JSON text that says why not.
    package struct Readiness: Sendable {
        package var isReady: Bool
        package var json: [UInt8]

        package init(isReady: Bool, json: [UInt8]) {
            self.isReady = isReady
            self.json = json
        }
    }

    private let loop: ServerLoop
    private let registry: PrometheusRegistry
    private let logger: Logger
    private let readiness: @Sendable () async -> Readiness

    /// The port it listens on, also when it was asked for port 0.
    package var port: UInt16 { loop.port }

    /// Listens at once, serves from `run` on. Throws `TelemetryError` when the address cannot be used.
    ///
    /// - Parameters:
    ///   - host: an address or a name; "0.0.0.0" and "::" are all addresses.
    ///   - port: 0 lets the system choose.
    ///   - readiness: asked at each `/health/ready`; 16 times at once at most. Ends soon after its task is cancelled.
    package convenience init(
        host: String, port: UInt16, registry: PrometheusRegistry, logger: Logger,
        readiness: @escaping @Sendable () async -> Readiness
    ) throws(TelemetryError) {
        try self.init(
            host: host, port: port, registry: registry, logger: logger, limits: ServerLoop.Limits(),
            readiness: readiness)
    }

    init(
        host: String, port: UInt16, registry: PrometheusRegistry, logger: Logger, limits: ServerLoop.Limits,
        readiness: @escaping @Sendable () async -> Readiness
    ) throws(TelemetryError) {
        loop = try ServerLoop(host: host, port: port, limits: limits)
        self.registry = registry
        self.logger = logger
        self.readiness = readiness
    }

    /// Returns after a graceful shutdown, when answers under way are sent, or after cancellation.
    package func run() async throws {
        try loop.start()
        logger.info("metrics server listens", metadata: ["port": "\(port)"])
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await serve()
            } onCancel: {
                loop.stop(.atOnce)
            }
        } onGracefulShutdown: { [loop] in
            loop.stop(.gently)
        }
    }

    private func serve() async {
        await withDiscardingTaskGroup { group in
            for await request in loop.requests {
                group.addTask { [self] in loop.answer(request, with: await answer(request.route)) }
            }
            // The thread has ended: nobody waits for an answer.
            group.cancelAll()
        }
    }

    /// Liveness has nothing to look at: it shows that the cooperative pool still runs tasks.
    private func answer(_ route: ServerRoute) async -> ServerAnswer {
        switch route {
        case .metrics:
            return ServerAnswer(
                status: 200, contentType: PrometheusRegistry.contentType, body: await registry.render())
        case .live:
            return ServerAnswer(
                status: 200, contentType: "application/json", body: Array(#"{"status":"ok"}"#.utf8))
        case .ready:
            let readiness = await readiness()
            return ServerAnswer(
                status: readiness.isReady ? 200 : 503, contentType: "application/json", body: readiness.json)
        }
    }
}
