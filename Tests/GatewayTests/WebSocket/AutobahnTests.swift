import Foundation
import TestSupport
import Testing

@testable import APIGateway

/// The conformance suite of the Autobahn project (https://github.com/crossbario/autobahn-testsuite). It needs Python
/// 2.7: give its `wstest` by the variable WSTEST.
@Suite struct AutobahnTests {
    private static let program = ProcessInfo.processInfo.environment["WSTEST"]

    private struct Verdict: Decodable {
        var behavior: String
        var behaviorClose: String
    }

    /// Behaviour that the suite does not object to. Compression is not offered.
    private static let fine: Set<String> = ["OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED"]

    /// Cases of binary messages, which the gateway refuses by 1003.
    private static let binary = ["1.2.*", "9.2.*", "9.4.*", "9.6.*", "9.8.*"]
    /// Measurements with messages of megabytes: the gateway takes 256 KiB.
    private static let large = ["9.1.3", "9.1.4", "9.1.5", "9.1.6", "9.3.*", "9.5.*"]

    @Test(.enabled(if: program != nil, "set WSTEST to Autobahn's wstest"))
    func `Autobahn's cases behave as RFC 6455 wants it`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "errand-autobahn-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var limits = SocketLimits()
        limits.messagesPerSecond = 1_000_000
        try await EchoServer.with(limits: limits) { port in
            let program = try #require(Self.program)
            let specification: [String: Any] = [
                "outdir": folder.path, "cases": ["*"], "exclude-cases": Self.binary + Self.large + ["12.*", "13.*"],
                "exclude-agent-cases": [String: Any](),
                "servers": [["agent": "errand", "url": "ws://127.0.0.1:\(port)/echo"]],
            ]
            let file = folder.appendingPathComponent("spec.json")
            try JSONSerialization.data(withJSONObject: specification).write(to: file)
            let run = try ServerProcess(
                "wstest", ["-m", "fuzzingclient", "-s", file.path], at: URL(fileURLWithPath: program))
            #expect(await run.exit() == 0, "\(run.lines.suffix(5))")
        }
        let index = try Data(contentsOf: folder.appendingPathComponent("index.json"))
        let all = try #require(try JSONDecoder().decode([String: [String: Verdict]].self, from: index)["errand"])
        #expect(all.count > 200)
        for (name, verdict) in all {
            #expect(Self.fine.contains(verdict.behavior), "case \(name): \(verdict.behavior)")
            #expect(Self.fine.contains(verdict.behaviorClose), "closing of case \(name): \(verdict.behaviorClose)")
        }
        let counts = Dictionary(grouping: all.values, by: \.behavior).mapValues(\.count)
        print("Autobahn: \(all.count) cases, \(counts)")
    }
}
