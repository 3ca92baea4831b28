import Domain
import Foundation
import HTTPTransport
import Jobs
import Postgres
import TestSupport
import Testing

/// What running processes tell about themselves.
@Suite(.serialized) struct ObservationTests {
    private func page(_ process: ServerProcess, _ path: String, _ system: TestSystem) async throws -> (Int, String) {
        let line = await process.line { $0.contains("metrics server listens") }
        let port = try #require(line?.firstMatch(of: /port=([0-9]+)/)?.1)
        let response = try await system.transport.send(HTTPRequest(url: "http://127.0.0.1:\(port)\(path)"))
        return (response.status, String(decoding: try await response.body.collect(upTo: 8 << 20), as: UTF8.self))
    }

    private func value(_ series: String, _ page: String) -> Double? {
        page.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    @Test func `gateway and worker show what they do, each metric described, and promtool is silent`() async throws {
        try await TestSystem.with { system in
            let settings = ["METRICS_ADDRESS": "127.0.0.1:0"]
            let (gateway, client) = try await system.startGateway(settings)
            let worker = try await system.startWorker(settings)
            for _ in 0..<3 {
                let job = try await client.post("/jobs", #"{"kind": "noop", "payload": {"failures": 0}}"#)
                _ = try await client.end(of: job.id)
            }
            _ = try await client.send("GET", "/api/v1/jobs/nothing")
            _ = try await client.post("/jobs", #"{"kind": "noop", "queue": "unserved"}"#)

            let (status, ofWorker) = try await page(worker, "/metrics", system)
            #expect(status == 200)
            let done = #"errand_attempts_total{kind="noop",queue="default",state="succeeded"}"#
            #expect(value(done, ofWorker) == 3)
            #expect(value(#"errand_queue_depth{queue="unserved",state="queued"}"#, ofWorker) == 1)
            #expect(value("errand_workers", ofWorker) == 1)
            #expect(value("errand_running_attempts", ofWorker) == 0)
            let ofTenant = #"errand_tenant_depth{queue="unserved",state="queued",tenant="\#(system.tenant)"}"#
            #expect(value(ofTenant, ofWorker) == 1)

            let (_, ofGateway) = try await page(gateway, "/metrics", system)
            let posts = #"errand_http_requests_total{method="POST",route="/api/v1/jobs",status="202"}"#
            #expect(value(posts, ofGateway) == 4)
            let missing = #"errand_http_requests_total{method="GET",route="/api/v1/jobs/{id}",status="404"}"#
            #expect(value(missing, ofGateway) == 1)
            for page in [ofWorker, ofGateway] {
                #expect(!page.contains("has no description"))
                #expect(value("errand_metrics_source_failures_total", page) == 0)
                #expect(try Promtool.check(page) == "")
            }
        }
    }

    @Test func `a worker is ready when it takes jobs, and not when its queue's Redis is gone`() async throws {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        try await TestSystem.with(redisURL: redis.url) { system in
            let worker = try await system.startWorker(["METRICS_ADDRESS": "127.0.0.1:0"])
            try await eventually { try await page(worker, "/health/ready", system).0 == 200 }
            #expect(try await page(worker, "/health/live", system).0 == 200)
            await server.killNow()
            let stalled = #"{"status":"not_ready","stalled_queues":["chat","default"]}"#
            try await eventually { try await page(worker, "/health/ready", system) == (503, stalled) }
            #expect(try await page(worker, "/health/live", system).0 == 200)
        }
    }

    private func eventually(_ test: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !test() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

    @Test func `a request's trace reaches the provider, also when nobody records it`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let sent = "00-\(Self.traceID)-00f067aa0ba902b7-01"
            let mark = "mark-\(JobID.make())"
            let answer = try await client.send(
                "POST", "/api/v1/chat/messages", body: #"{"message": "\#(mark) [[sim: tokens=2]]"}"#,
                headers: [(name: "traceparent", value: sent)])
            #expect(answer.status == 202)
            let seen = try await system.providerRequests(mark)
            #expect(seen.map(\.traceparent) == [sent])
            let job: APIClient.JobView = try answer.decode()
            _ = try await client.end(of: job.id)
            #expect(try await system.count("SELECT count(*) FROM jobs WHERE trace = '\(sent)'") == 1)
            let shown = try await system.operate("jobs", "show", "\(job.id)")
            #expect(shown.output.contains(sent))
        }
    }

    @Test func `with a collector, request, attempt and provider call are spans of one trace`() async throws {
        try await TestSystem.with { system in
            let collector = try ServerProcess("ProviderSimulator", ["--port", "0"])
            defer { collector.signal(SIGKILL) }
            let line = try #require(await collector.line { $0.hasPrefix("listening on ") })
            // Nobody takes the spans; their contexts travel all the same.
            let port = try #require(line.split(separator: ":").last)
            let settings = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(port)"]
            let (_, client) = try await system.startGateway(settings)
            _ = try await system.startWorker(settings)
            let mark = "mark-\(JobID.make())"
            let job = try await client.ask("\(mark) [[sim: tokens=2]]")
            _ = try await client.end(of: job.id)
            let seen = try #require(try await system.providerRequests(mark).first?.traceparent)
            let parts = seen.split(separator: "-")
            let row = try await system.owner.query(
                .init("test.trace", "SELECT trace FROM jobs WHERE trace IS NOT NULL"))[0].text(0).split(separator: "-")
            #expect(parts[1] == row[1], "one trace")
            #expect(parts[2] != row[2], "another span")
        }
    }
}

/// https://prometheus.io/docs/prometheus/latest/command-line/promtool/
private enum Promtool {
    struct Missing: Error, CustomStringConvertible {
        let description = """
            promtool is missing: install Debian's prometheus package, or set ERRAND_SKIP_PROMTOOL=1 to go without
            """
    }

    /// What it has to say. Nothing when there is none and that was announced.
    static func check(_ page: String) throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        guard let path = folders.map({ "\($0)/promtool" }).first(where: FileManager.default.isExecutableFile) else {
            if environment["ERRAND_SKIP_PROMTOOL"] == "1" { return "" }
            throw Missing()
        }
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["check", "metrics"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(page.utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? said : "\(said)status \(process.terminationStatus)"
    }
}
