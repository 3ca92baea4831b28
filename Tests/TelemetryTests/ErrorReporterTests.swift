import Foundation
import Logging
import ServiceLifecycle
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(1))) struct ErrorReporterTests {
    private static func record(_ message: Logger.Message, _ metadata: Logger.Metadata = [:]) -> LogRecord {
        let event = LogEvent(
            level: .error, message: message, metadata: nil, source: "Tests", file: "f", function: "g", line: 1)
        return LogRecord(event, label: "gateway", metadata: metadata)
    }

    /// An envelope, taken apart by the rules of its definition: every line and length has to be right.
    private struct Envelope {
        var header: [String: Any]
        var item: [String: Any]
        var event: [String: Any]

        init(_ body: [UInt8]) throws {
            var rest = body[...]
            func line() throws -> [String: Any] {
                let end = try #require(rest.firstIndex(of: 10))
                defer { rest = rest[(end + 1)...] }
                return try #require(
                    try JSONSerialization.jsonObject(with: Data(rest[rest.startIndex..<end])) as? [String: Any])
            }
            header = try line()
            item = try line()
            let length = try #require(item["length"] as? Int)
            #expect(rest.count == length + 1 && rest.last == 10, "length \(length), \(rest.count) bytes are left")
            event = try #require(try JSONSerialization.jsonObject(with: Data(rest.prefix(length))) as? [String: Any])
        }
    }

    private static func withReporter(
        _ sink: SpanSink, _ body: (ErrorReporter) async throws -> Void
    ) async throws {
        let dsn = "http://0123456789abcdef0123456789abcdef@127.0.0.1:\(sink.port)/sub/42"
        let destination = try #require(ErrorDestination(dsn: dsn, environment: "test", release: "1.2.3"))
        let reporter = ErrorReporter(destination: destination, service: "errand-gateway")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reporter.run() }
            try await body(reporter)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test func `an error becomes an envelope that the other side can read`() async throws {
        let sink = try SpanSink()
        defer { sink.stop() }
        try await Self.withReporter(sink) { reporter in
            let record = Self.record(
                "request failed",
                [
                    "request": "r-1", "status": "500", "error": "no reply from ada@example.com in time",
                    "address": "192.0.2.1", "user": "ada", "cookie": "geheim",
                    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7",
                ])
            reporter.report(record, file: "Gateway.swift", line: 7)
            let received = try #require(await sink.received.next())
            #expect(received.head.hasPrefix("POST /sub/api/42/envelope/ HTTP/1.1\r\n"))
            #expect(received.head.contains("\r\nContent-Type: application/x-sentry-envelope"))
            #expect(received.head.contains("sentry_version=7, sentry_client=errand/1.2.3, sentry_key=0123456789abcdef"))
            let envelope = try Envelope(received.body)
            let id = try #require(envelope.header["event_id"] as? String)
            #expect(id.count == 32 && id.allSatisfy { $0.isHexDigit && !$0.isUppercase })
            #expect(envelope.item["type"] as? String == "event")
            let event = envelope.event
            #expect(event["event_id"] as? String == id)
            #expect(event["level"] as? String == "error" && event["platform"] as? String == "other")
            #expect((event["logentry"] as? [String: Any])?["formatted"] as? String == "request failed")
            #expect((event["tags"] as? [String: String])?["request_id"] == "r-1")
            #expect(((event["contexts"] as? [String: Any])?["trace"] as? [String: String])?.count == 2)
            let text = String(decoding: received.body, as: UTF8.self)
            for secret in ["geheim", "ada", "192.0.2.1"] { #expect(!text.contains(secret)) }
        }
    }

    @Test func `when the other side wants no more, nothing is sent`() async throws {
        let sink = try SpanSink(answers: [.init(status: 429, headers: ["Retry-After: 3600"])])
        defer { sink.stop() }
        try await Self.withReporter(sink) { reporter in
            reporter.report(Self.record("first"), file: "f", line: 1)
            #expect(await sink.received.next() != nil)
            let sunk = Task { await sink.received.next() }
            for _ in 0..<5 { reporter.report(Self.record("more"), file: "f", line: 1) }
            try await Task.sleep(for: .milliseconds(500))
            sunk.cancel()
            #expect(await sunk.value == nil)
        }
    }

    @Test func `what waits at a graceful shutdown is sent`() async throws {
        let sink = try SpanSink()
        defer { sink.stop() }
        let dsn = "http://abc@127.0.0.1:\(sink.port)/1"
        let destination = try #require(ErrorDestination(dsn: dsn, environment: "test", release: "1"))
        let reporter = ErrorReporter(destination: destination, service: "x")
        for index in 0..<3 { reporter.report(Self.record("\(index)"), file: "f", line: index) }
        let group = ServiceGroup(services: [reporter], logger: Logger(label: "test"))
        async let running: Void = group.run()
        await group.triggerGracefulShutdown()
        for _ in 0..<3 { #expect(await sink.received.next() != nil) }
        try await running
    }

    @Test(
        arguments: [
            (200, nil, nil, 0.0), (429, "7", nil, 7), (429, nil, nil, 60), (429, "soon", nil, 60),
            (200, nil, "60:error:organization", 60), (200, nil, "60:transaction:key", 0),
            (429, "9", "60:transaction", 0),
            (200, nil, "60::key", 60), (429, "1", "10:default;error:org, 20:session:org", 10), (503, "30", nil, 0),
            (200, nil, "99999999::", 86_400), (200, nil, "x:error,,", 0),
        ] as [(Int, String?, String?, Double)])
    func `limits are understood`(status: Int, retryAfter: String?, limits: String?, pause: Double) {
        var allowance = ErrorAllowance()
        allowance.note(status: status, retryAfter: retryAfter, limits: limits, at: 100)
        #expect(allowance.permits(at: 100 + pause))
        #expect(pause == 0 || !allowance.permits(at: 99.9 + pause))
    }

    @Test(
        arguments: [
            ("https://abc@sentry.example.com/42", "https://sentry.example.com/api/42/envelope/"),
            ("http://abc:old@h:9000/a/b/42", "http://h:9000/a/b/api/42/envelope/"),
            ("https://sentry.example.com/42", nil),
            ("https://abc@sentry.example.com", nil), ("ftp://abc@h/1", nil), ("", nil), ("https://a b@h/1", nil),
            ("https://abc@h/1?x=y", nil),
        ] as [(String, String?)])
    func `a DSN`(text: String, url: String?) {
        #expect(ErrorDestination(dsn: text, environment: "", release: "")?.url == url)
    }
}
