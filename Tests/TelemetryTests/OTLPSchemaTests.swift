import Domain
import Foundation
import Logging
import ServiceLifecycle
import Testing
import Threads

@testable import Telemetry

/// What the exporter sends, read with OpenTelemetry's own protobuf definitions: see otlp_sink.py. Needs a Python with
/// the package opentelemetry-proto: OTLP_PYTHON, or python3 on PATH; without it these tests do not run.
@Suite(.enabled(if: OTLPSink.python != nil), .timeLimit(.minutes(1))) struct OTLPSchemaTests {
    @Test func `a collector understands every part of a span`() async throws {
        let sink = try await OTLPSink()
        defer { sink.stop() }
        let exporter = SpanExporter(
            configuration: TracingConfiguration(
                url: "http://127.0.0.1:\(sink.port)/v1/traces", service: "worker \"1\""),
            logger: Logger(label: "test"))
        let parent = try #require(
            TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03", tracestate: "a=1,b=2"))
        let link = TraceContext.root(isSampled: true)
        let span = exporter.tracer.start(
            "process chat", .consumer, parent: parent, links: [link],
            attributes: [
                "text": "é \" \\ \n \u{1}", "int": .int(.min), "double": 0.1, "huge": .double(.greatestFiniteMagnitude),
                "nan": .double(.nan), "flag": true, "list": ["x", ""], "empty": [],
            ], at: SpanTime(unixNanoseconds: 1_700_000_000_123_456_789))
        span.fail("rate_limited", message: "The provider said later.")
        span.end(at: SpanTime(unixNanoseconds: 1_700_000_001_000_000_000))
        try await Self.flush(exporter)
        let (line, spans) = try await sink.next()
        let found = try #require(spans.first, "\(line)")
        #expect(found.name == "process chat" && found.kind == 5 && found.status == 2)
        #expect(found.trace == parent.traceID.description && found.parent == parent.spanID.description)
        #expect(found.span == span.context?.spanID.description && found.links == [link.spanID.description])
        #expect(found.start == 1_700_000_000_123_456_789 && found.end == 1_700_000_001_000_000_000)
        #expect(found.state == "a=1,b=2" && found.flags == 3 && found.message == "The provider said later.")
        #expect(found.resource["service.name"] == "worker \"1\"")
        for part in [
            #""text": "\u00e9 \" \\ \n \u0001""#, #""int": -9223372036854775808"#, #""double": 0.1"#,
            #""huge": 1.7976931348623157e+308"#, #""nan": NaN"#, #""flag": true"#, #""list": ["x", ""]"#,
            #""empty": []"#, #""error.type": "rate_limited""#,
        ] {
            #expect(line.contains(part))
        }
    }

    @Test func `a thousand spans arrive, each once`() async throws {
        let sink = try await OTLPSink()
        defer { sink.stop() }
        let exporter = SpanExporter(
            configuration: TracingConfiguration(url: "http://127.0.0.1:\(sink.port)/v1/traces", service: "w"),
            logger: Logger(label: "test"))
        for index in 0..<1_000 { exporter.tracer.start("s\(index)").end() }
        try await Self.flush(exporter)
        let batches = try await [sink.next().spans, sink.next().spans]
        #expect(batches.map(\.count) == [512, 488])
        #expect(batches.flatMap { $0 }.map(\.name) == (0..<1_000).map { "s\($0)" })
        #expect(Set(batches.flatMap { $0 }.map(\.span)).count == 1_000)
    }

    private static func flush(_ exporter: SpanExporter) async throws {
        let group = ServiceGroup(services: [exporter], logger: Logger(label: "test"))
        async let running: Void = group.run()
        await group.triggerGracefulShutdown()
        try await running
    }
}

/// otlp_sink.py in a process of its own.
final class OTLPSink {
    struct Span: Decodable {
        var name, trace, span, parent, state, message: String
        var kind, status, flags: Int
        var start, end: UInt64
        var links: [String]
        var resource: [String: String]
    }

    static let python: String? = {
        let environment = ProcessInfo.processInfo.environment
        let folders = environment["PATH"].map { $0.split(separator: ":").map { "\($0)/python3" } } ?? []
        return ([environment["OTLP_PYTHON"]].compactMap { $0 } + folders.prefix(8)).first { path in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = ["-c", "import opentelemetry.proto.collector.trace.v1.trace_service_pb2"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
    }()

    let port: Int
    private let process: Process
    private let lines: Signal<String>

    init() async throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("otlp_sink.py")
        let (process, output, lines) = (Process(), Pipe(), Signal<String>())
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = [script.path]
        process.standardOutput = output
        try process.run()
        try Self.send(linesOf: output.fileHandleForReading, to: lines)
        self.process = process
        self.lines = lines
        port = try #require(await lines.next().flatMap { Int($0) })
    }

    /// The next request, as printed and as far as the tests compare it.
    func next() async throws -> (line: String, spans: [Span]) {
        struct Line: Decodable { var spans: [Span] }
        let line = try #require(await lines.next())
        // Python prints NaN, which is not JSON.
        let json = Data(line.replacing("NaN", with: "null").utf8)
        return (line, try JSONDecoder().decode(Line.self, from: json).spans)
    }

    /// Children of a thread of the pool have SIGTERM blocked.
    func stop() { kill(process.processIdentifier, SIGKILL) }

    /// Reading blocks, so it has a thread of its own.
    private static func send(linesOf file: FileHandle, to lines: Signal<String>) throws {
        try DetachedThread.start("test-server") {
            var unread = Data()
            while case let more = file.availableData, !more.isEmpty {
                unread += more
                while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                    lines.send(String(decoding: unread[..<end], as: UTF8.self))
                    unread = Data(unread[(end + 1)...])
                }
            }
        }
    }
}
