import Foundation
import Redis

/// A Redis Cluster of one test's own: three masters that share the slots.
package final class PrivateCluster: Sendable {
    private let masters: [PrivateRedis]

    package struct NotMade: Error { package let output: String }

    package init() throws {
        masters = try (0..<3).map { _ in try PrivateRedis(Self.settings()) }
    }

    /// As REDIS_URL has it.
    package var url: String {
        "redis+cluster://" + masters.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
    }

    /// What makes a redis-server a node, on a bus port of its own.
    package static func settings() throws -> [String] {
        ["--cluster-enabled", "yes", "--cluster-node-timeout", "800", "--cluster-port", "\(try FreePort.choose())"]
    }

    /// Deals the slots out in equal ranges, in order.
    package static func join(ports: [Int]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["redis-cli", "--cluster", "create"] + ports.map { "127.0.0.1:\($0)" } + ["--cluster-yes"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw NotMade(output: String(decoding: output, as: UTF8.self)) }
    }

    /// Returns when every node serves.
    package func start() async throws -> [ServerProcess] {
        var processes: [ServerProcess] = []
        for master in masters { processes.append(try await master.start()) }
        try Self.join(ports: masters.map(\.port))
        for master in masters {
            let client = RedisClient(
                configuration: try RedisConfiguration(url: master.url), logger: TestStores.silent)
            defer { client.close() }
            while !(try await Self.isComplete(client)) { try await Task.sleep(for: .milliseconds(20)) }
        }
        return processes
    }

    private static func isComplete(_ node: RedisClient) async throws -> Bool {
        let info = try await node.send(RedisCommand(["CLUSTER", "INFO"])).string ?? ""
        return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
    }
}
