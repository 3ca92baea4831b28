import Foundation
import Glibc
import Redis

/// A redis-server process of a test's own, on a free port, without persistence. Killed when it goes.
final class RedisServer {
    let port: Int
    private let arguments: [String]
    private var process: Process?

    /// `arguments` are redis-server's, after the port.
    init(_ arguments: [String] = [], usesTLS: Bool = false) throws {
        port = try Self.freePort()
        let listen = usesTLS ? ["--port", "0", "--tls-port", "\(port)"] : ["--port", "\(port)"]
        self.arguments = listen + ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"] + arguments
        try start()
    }

    deinit { kill() }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["redis-server"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.currentDirectoryURL = FileManager.default.temporaryDirectory
        try process.run()
        self.process = process
    }

    /// kill -9; returns when the process is gone.
    func kill() {
        guard let process, process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// The process stands still: connections stay open and nothing answers.
    func freeze() { signal(SIGSTOP) }
    func thaw() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        guard let process else { return }
        Glibc.kill(process.processIdentifier, number)
    }

    func configuration(
        _ prefix: String = "redis://", host: String = "127.0.0.1", path: String = "",
        commandTimeout: Duration = .seconds(5), maxPending: Int = 65_536
    ) throws -> RedisConfiguration {
        try RedisConfiguration(
            url: "\(prefix)\(host):\(port)\(path)", connectTimeout: .seconds(2), commandTimeout: commandTimeout,
            maxPending: maxPending)
    }

    func client(commandTimeout: Duration = .seconds(5), maxPending: Int = 65_536) throws -> RedisClient {
        let configuration = try configuration(commandTimeout: commandTimeout, maxPending: maxPending)
        return RedisClient(configuration: configuration, logger: TestRedis.logger)
    }

    func subscriber(commandTimeout: Duration = .seconds(5)) throws -> RedisSubscriber {
        RedisSubscriber(configuration: try configuration(commandTimeout: commandTimeout), logger: TestRedis.logger)
    }

    /// A port nobody listens on at this moment.
    static func freePort() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        struct NoPort: Error {}
        guard status else { throw NoPort() }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
