import Logging
import Metrics
import ServiceLifecycle
import Synchronization
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1))) struct MetricsServerTests {
    typealias Readiness = @Sendable () async -> MetricsServer.Readiness

    @Test func `metrics, liveness and readiness are served`() async throws {
        let isReady = Mutex(true)
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "a_total", dimensions: []).increment(by: 3)
        let readiness: Readiness = {
            let isReady = isReady.withLock { $0 }
            return .init(isReady: isReady, json: Array(#"{"ready":\#(isReady)}"#.utf8))
        }
        try await withServer(registry: registry, readiness: readiness) { port in
            let metrics = try await RawClient.get("/metrics", port: port)
            #expect(metrics.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
            #expect(metrics.contains("\na_total 3\n"))
            #expect(try await RawClient.get("/health/live", port: port).hasSuffix("\r\n\r\n{\"status\":\"ok\"}"))
            #expect(try await RawClient.get("/health/ready", port: port).hasPrefix("HTTP/1.1 200 OK\r\n"))
            isReady.withLock { $0 = false }
            let notReady = try await RawClient.get("/health/ready", port: port)
            #expect(notReady.hasPrefix("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"))
            #expect(notReady.hasSuffix("\r\n\r\n{\"ready\":false}"))
        }
    }

    @Test func `everything else is refused`() async throws {
        try await withServer { port in
            for path in ["/", "/metrics/", "/health", "/metrics/../health/live", "/%6detrics"] {
                #expect(try await RawClient.get(path, port: port).hasPrefix("HTTP/1.1 404 "))
            }
            let post = "POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
            let answer = try await RawClient.exchange(post, port: port)
            #expect(answer.hasPrefix("HTTP/1.1 405 ") && answer.contains("\r\nAllow: GET, HEAD\r\n"))
            let head = try await RawClient.exchange("HEAD /metrics HTTP/1.1\r\n\r\n", port: port)
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `garbage, long heads and silent clients end, and the next client is served`() async throws {
        try await withServer { port in
            #expect(try await RawClient.exchange("\u{16}\u{3}\u{1}\u{2}", port: port).hasPrefix("HTTP/1.1 400 "))
            let long = "GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 100_000)
            #expect(try await RawClient.exchange(long, port: port).hasPrefix("HTTP/1.1 431 "))
            var random = Seeded(state: 7)
            for _ in 0..<200 {
                let client = try RawClient(port: port)
                client.send(
                    (0..<Int.random(in: 0..<300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                )
            }
            _ = try RawClient(port: port)
            #expect(try await RawClient.get("/health/live", port: port).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `a client that sends nothing more is closed when its time is over`() async throws {
        var limits = ServerLoop.Limits()
        limits.patience = .milliseconds(150)
        try await withServer(limits: limits) { port in
            for start in ["GET /metr", ""] {
                let answer = try await RawClient.exchange(start, port: port)
                #expect(answer == "")
            }
        }
    }

    @Test func `slow clients in every place do not keep a probe out`() async throws {
        try await withServer { port in
            let slow = try (0..<64).map { _ in try RawClient(port: port) }
            for client in slow { client.send("GET /metrics HTTP/1.1\r\n") }
            let start = ContinuousClock.now
            #expect(try await RawClient.get("/health/live", port: port).hasPrefix("HTTP/1.1 200 "))
            // Four rounds of 100 ms, not of 5 s.
            #expect(ContinuousClock.now - start < .seconds(4))
            withExtendedLifetime(slow) {}
        }
    }

    @Test func `two hundred clients at once are all answered`() async throws {
        try await withServer { port in
            let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<200 {
                    group.addTask { try await RawClient.get("/metrics", port: port).hasPrefix("HTTP/1.1 200 ") }
                }
                return try await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(answers.count == 200 && answers.allSatisfy { $0 })
        }
    }

    @Test func `a readiness that hangs gets 503, leaves liveness alone, and is not asked without bound`() async throws {
        var limits = ServerLoop.Limits()
        limits.patience = .milliseconds(150)
        limits.connections = 2
        let asked = Mutex(0)
        let readiness: Readiness = {
            asked.withLock { $0 += 1 }
            try? await Task.sleep(for: .seconds(600))
            return .init(isReady: true, json: [])
        }
        try await withServer(limits: limits, readiness: readiness) { port in
            for _ in 0..<4 {
                let answer = try await RawClient.get("/health/ready", port: port)
                #expect(answer.hasPrefix("HTTP/1.1 503 "))
            }
            #expect(asked.withLock { $0 } == 2)
            let live = try await RawClient.get("/health/live", port: port)
            #expect(live.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `a client that leaves before its answer costs nothing`() async throws {
        let readiness: Readiness = {
            try? await Task.sleep(for: .milliseconds(50))
            return .init(isReady: true, json: [])
        }
        try await withServer(readiness: readiness) { port in
            for _ in 0..<50 {
                try RawClient(port: port).send("GET /health/ready HTTP/1.1\r\n\r\n")
            }
            #expect(try await RawClient.get("/health/live", port: port).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `an answer under way is sent before a graceful shutdown ends`() async throws {
        let (asked, answer) = (Signal<Void>(), Signal<Void>())
        let server = try MetricsServer(
            host: "127.0.0.1", port: 0, registry: PrometheusRegistry(), logger: Logger(label: "test")
        ) {
            asked.send()
            await answer.next()
            return .init(isReady: true, json: Array("done".utf8))
        }
        let group = ServiceGroup(services: [server], logger: Logger(label: "test"))
        async let running: Void = group.run()
        let idle = try RawClient(port: server.port)
        async let text = RawClient.get("/health/ready", port: server.port)
        await asked.next()
        await group.triggerGracefulShutdown()
        #expect(await idle.readToEnd() == "")
        answer.send()
        #expect(try await text.hasSuffix("done"))
        try await running
        #expect(throws: ClientFailure.self) { _ = try RawClient(port: server.port) }
    }

    @Test func `an address in use is an error that names it`() throws {
        let first = try MetricsServer(
            host: "127.0.0.1", port: 0, registry: PrometheusRegistry(), logger: Logger(label: "test"),
            readiness: { .init(isReady: true, json: []) })
        let error = #expect(throws: TelemetryError.self) {
            try MetricsServer(
                host: "127.0.0.1", port: first.port, registry: PrometheusRegistry(), logger: Logger(label: "test"),
                readiness: { .init(isReady: true, json: []) })
        }
        #expect(error?.description == "cannot listen on 127.0.0.1:\(first.port): bind: Address already in use")
    }

    @Test func `IPv6 and names are addresses too, nonsense is not`() throws {
        #expect(try ListeningSocket(host: "localhost", port: 0).port != 0)
        #expect(throws: TelemetryError.self) { _ = try ListeningSocket(host: "not a host", port: 0).port }
    }

    private func withServer(
        registry: PrometheusRegistry = PrometheusRegistry(), limits: ServerLoop.Limits = ServerLoop.Limits(),
        readiness: @escaping Readiness = { .init(isReady: true, json: []) },
        _ body: (UInt16) async throws -> Void
    ) async throws {
        let server = try MetricsServer(
            host: "127.0.0.1", port: 0, registry: registry, logger: Logger(label: "test"), limits: limits,
            readiness: readiness)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await body(server.port)
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
