import Domain
import Logging
import ServiceLifecycle
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1))) struct SpanExporterTests {
    @Test func `a full batch is sent at once, the rest after the delay`() async throws {
        let sink = try SpanSink()
        defer { sink.stop() }
        var configuration = configuration(sink)
        configuration.maxBatchSpans = 3
        configuration.delay = .milliseconds(300)
        configuration.headers = [("X-Key", "k")]
        try await withExporter(configuration) { tracer in
            for index in 0..<4 { tracer.start("s\(index)").end() }
            let first = await sink.received.next()
            #expect(first?.head.hasPrefix("POST /v1/traces HTTP/1.1\r\n") == true)
            #expect(first?.head.contains("\r\nContent-Type: application/json\r\nX-Key: k") == true)
            let second = await sink.received.next()
            #expect([first, second].map { $0?.names } == [["s0", "s1", "s2"], ["s3"]])
        }
    }

    @Test func `what ended before a graceful shutdown is sent`() async throws {
        let sink = try SpanSink()
        defer { sink.stop() }
        let exporter = SpanExporter(configuration: configuration(sink), logger: Logger(label: "test"))
        let group = ServiceGroup(services: [exporter], logger: Logger(label: "test"))
        async let running: Void = group.run()
        exporter.tracer.start("last").end()
        await group.triggerGracefulShutdown()
        #expect(await sink.received.next()?.names == ["last"])
        try await running
    }

    @Test func `a collector that is busy gets the same batch again`() async throws {
        let sink = try SpanSink(answers: [.init(status: 503, headers: ["Retry-After: 0"]), .init(status: 429)])
        defer { sink.stop() }
        var configuration = configuration(sink)
        configuration.maxBatchSpans = 1
        try await withExporter(configuration) { tracer in
            tracer.start("a").end()
            let bodies = [await sink.received.next(), await sink.received.next(), await sink.received.next()]
            #expect(Set(bodies.compactMap { $0?.body }).count == 1)
        }
    }

    @Test func `a batch that is refused is not sent again, and the next one is`() async throws {
        let sink = try SpanSink(answers: [.init(status: 400)])
        defer { sink.stop() }
        var configuration = configuration(sink)
        configuration.maxBatchSpans = 1
        try await withExporter(configuration) { tracer in
            tracer.start("a").end()
            #expect(await sink.received.next()?.names == ["a"])
            tracer.start("b").end()
            #expect(await sink.received.next()?.names == ["b"])
        }
    }

    @Test func `without a collector the shutdown is over when its time is`() async throws {
        let sink = try SpanSink()
        sink.stop()
        var configuration = configuration(sink)
        configuration.flush = .milliseconds(200)
        configuration.timeout = .seconds(600)
        let exporter = SpanExporter(configuration: configuration, logger: Logger(label: "test"))
        let group = ServiceGroup(services: [exporter], logger: Logger(label: "test"))
        async let running: Void = group.run()
        for _ in 0..<3_000 { exporter.tracer.start("a").end() }
        await group.triggerGracefulShutdown()
        let start = ContinuousClock.now
        try await running
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test(arguments: [
        (200, nil, "{}", OTLPAnswer.taken(rejected: 0)), (200, nil, "", .taken(rejected: 0)),
        (202, nil, "not json", .taken(rejected: 0)),
        (200, nil, #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"x"}}"#, .taken(rejected: 3)),
        (200, nil, #"{"partialSuccess":{"rejectedSpans":4}}"#, .taken(rejected: 4)),
        (200, nil, #"{"partialSuccess":{}}"#, .taken(rejected: 0)),
        (200, nil, #"{"partialSuccess":{"rejectedSpans":"-1"}}"#, .taken(rejected: 0)),
        (503, "7", "", .later(seconds: 7)), (429, nil, "", .later(seconds: nil)),
        (502, "Wed, 21 Oct 2026 07:28:00 GMT", "", .later(seconds: nil)), (504, nil, "", .later(seconds: nil)),
        (400, nil, "", .refused), (500, nil, "", .refused), (302, nil, "", .refused), (404, "1", "", .refused),
    ])
    func `answers are understood`(status: Int, retryAfter: String?, body: String, answer: OTLPAnswer) {
        #expect(OTLPAnswer(status: status, retryAfter: retryAfter, body: Array(body.utf8)) == answer)
    }

    private func configuration(_ sink: SpanSink) -> TracingConfiguration {
        TracingConfiguration(url: "http://127.0.0.1:\(sink.port)/v1/traces", service: "test")
    }

    private func withExporter(
        _ configuration: TracingConfiguration, _ body: (Tracer) async throws -> Void
    ) async throws {
        let exporter = SpanExporter(configuration: configuration, logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await exporter.run() }
            try await body(exporter.tracer)
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
