import Foundation

/// A redis-server of one test's own, to flush, kill and restart.
package final class PrivateRedis: Sendable {
    private let folder: URL
    private let settings: [String]
    package let port: Int

    package var url: String { "redis://127.0.0.1:\(port)/0" }

    /// - Parameter settings: redis-server's arguments, on top of the usual ones.
    package init(_ settings: [String] = []) throws {
        self.settings = settings
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("errand-redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        port = try FreePort.choose()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Starts it with an empty data set; returns when it answers.
    package func start() async throws -> ServerProcess {
        let own = ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        let server = try ServerProcess(
            "redis-server", ["redis-server"] + own + ["--dir", folder.path] + settings, at: ServerProcess.byPath)
        _ = await server.line { $0.contains("Ready to accept connections") }
        return server
    }
}
