import Foundation
import Glibc
import Redis
import TestSupport

/// A redis-server process of a test's own, on a free port, without persistence. Killed when it goes.
final class RedisServer {
    let port: Int
    private let arguments: [String]
    private var process: Process?

    /// `arguments` are redis-server's, after the port; `file` is its configuration file.
    init(_ arguments: [String] = [], usesTLS: Bool = false, file: String? = nil) throws {
        port = try FreePort.choose()
        let listen = usesTLS ? ["--port", "0", "--tls-port", "\(port)"] : ["--port", "\(port)"]
        let first = file.map { [$0] } ?? []
        self.arguments = first + listen + ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"] + arguments
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
        try FreePort.awaitListener(port)
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
}
