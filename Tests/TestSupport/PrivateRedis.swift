import Foundation

/// A redis-server of one test's own, to flush, kill and restart.
package final class PrivateRedis: Sendable {
    private let folder: URL
    package let port: Int

    package var url: String { "redis://127.0.0.1:\(port)/0" }

    package init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("errand-redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        port = try Self.freePort()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Starts it with an empty data set; returns when it answers.
    package func start() async throws -> ServerProcess {
        let path = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        let server = try ServerProcess(
            "redis-server",
            ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder.path],
            at: URL(fileURLWithPath: path ?? "/usr/bin/redis-server"))
        _ = await server.line { $0.contains("Ready to accept connections") }
        return server
    }

    /// A port nobody listens on now.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
