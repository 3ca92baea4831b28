import Foundation
import HTTPTransport
import Logging

/// The provider simulator as a process of its own, shared by all tests. It ends with the test process.
struct Simulator: Sendable {
    struct NotStarted: Error, CustomStringConvertible { let description: String }

    let origin: String
    private let transport = HTTPTransport(
        configuration: HTTPTransportConfiguration(egress: .any), logger: Logger(label: "simulator"))

    static func shared() throws -> Simulator { try started.get() }

    private static let started = Result { try Simulator() }
    /// Kept open: the simulator exits when it closes.
    private let standardInput: Pipe

    private init() throws {
        // SwiftPM puts executables beside the test bundle.
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let executable = folder.appending(path: "ProviderSimulator")
        let (input, output) = (Pipe(), Pipe())
        let process = Process()
        process.executableURL = executable
        process.arguments = ["--port", "0", "--exit-with-stdin"]
        process.standardInput = input
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            throw NotStarted(description: "cannot start \(executable.path()): \(error)")
        }
        standardInput = input
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard
            let port = line.split(separator: ":").last.flatMap({
                Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
            })
        else { throw NotStarted(description: "the simulator said: \(line)") }
        origin = "http://127.0.0.1:\(port)"
    }

    struct SeenRequest: Decodable {
        var tokensSent: Int
        var clientClosedAt: Double?
        var model: String

        private enum CodingKeys: String, CodingKey {
            case model
            case tokensSent = "tokens_sent"
            case clientClosedAt = "client_closed_at"
        }
    }

    /// The requests whose messages hold `mark` and whose client closed early; waits for the first up to ten seconds.
    func closedRequests(_ mark: String) async throws -> [SeenRequest] {
        try await requests("match=\(mark)&closed=true&wait=10")
    }

    func requests(_ query: String) async throws -> [SeenRequest] {
        struct Log: Decodable { var requests: [SeenRequest] }
        let response = try await transport.send(HTTPRequest(url: "\(origin)/_simulator/requests?\(query)"))
        let body = try await response.body.collect(upTo: 64 << 20)
        return try JSONDecoder().decode(Log.self, from: Data(body)).requests
    }
}
