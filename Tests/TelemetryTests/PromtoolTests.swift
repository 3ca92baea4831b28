import Foundation
import Metrics
import Testing

@testable import Telemetry

/// `promtool check metrics` reads the whole format strictly and has the conventions on names besides. Found on PATH
/// (Debian: the package prometheus) or by PROMTOOL; without it these tests do not run.
@Suite(.enabled(if: Promtool.path != nil)) struct PromtoolTests {
    @Test func `promtool has nothing to say about a full page`() async throws {
        let registry = PrometheusRegistry(descriptions: ["errand_attempts_total": "Attempts \\ that\n\"ended\"."])
        registry.collect { [Sample("errand_queue_depth", labels: [("queue", "chat")], value: 12)] }
        Counter(label: "errand_attempts_total", dimensions: [("queue", "a\"b\\c\nd")], factory: registry).increment()
        Counter(label: "hb.requests", dimensions: [("le", "1"), ("statusCode", "200")], factory: registry).increment()
        FloatingPointCounter(label: "errandCost", dimensions: [], factory: registry).increment(by: 0.1)
        Timer(label: "errand_wait_seconds", dimensions: [("queue", "ü")], factory: registry).recordNanoseconds(5)
        Recorder(label: "gen_ai.client.token.usage", dimensions: [], factory: registry).record(Double.infinity)
        Meter(label: "errand:jobs_total", dimensions: [], factory: registry).set(Double.nan)
        Gauge(label: "errand_job_count", dimensions: [("", "")], factory: registry).record(1)
        #expect(try Promtool.check(await registry.render()) == "")
    }

    @Test func `promtool has nothing to say about an empty registry`() async throws {
        #expect(try Promtool.check(await PrometheusRegistry().render()) == "")
    }

    @Test func `promtool does complain about what is wrong`() throws {
        #expect(try Promtool.check(Array("# TYPE a counter\na 1\n".utf8)) != "")
        #expect(try Promtool.check(Array("a{b=\"c} 1\n".utf8)) != "")
    }
}

enum Promtool {
    static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        let folders = environment["PATH"].map { $0.split(separator: ":").map { "\($0)/promtool" } } ?? []
        return ([environment["PROMTOOL"]].compactMap { $0 } + folders)
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// Everything it prints, and its status when that is not 0.
    static func check(_ page: [UInt8]) throws -> String {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: try #require(path))
        process.arguments = ["check", "metrics"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(page))
        try input.fileHandleForWriting.close()
        let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? said : "\(said)status \(process.terminationStatus)"
    }
}
