import Foundation
import Testing

@testable import Redis

/// A master, its replica and three sentinels, all real, that agree on each other.
final class SentinelGroup {
    static let name = "test-master"

    let folder: TemporaryFolder
    let servers: [RedisServer]
    let sentinels: [RedisServer]
    private let asker: RedisClient

    init(password: String? = nil) async throws {
        let folder = try TemporaryFolder()
        let login = password.map { ["--requirepass", $0, "--masterauth", $0] } ?? []
        let master = try RedisServer(login + ["--repl-diskless-sync-delay", "0", "--dir", folder.path])
        let replica = try RedisServer(
            login + ["--replicaof", "127.0.0.1", "\(master.port)", "--dir", folder.path, "--dbfilename", "replica.rdb"])
        servers = [master, replica]
        let text = """
            sentinel monitor \(Self.name) 127.0.0.1 \(master.port) 2
            sentinel down-after-milliseconds \(Self.name) 500
            sentinel failover-timeout \(Self.name) 4000
            \(password.map { "sentinel auth-pass \(Self.name) \($0)" } ?? "")
            """
        sentinels = try (0..<3).map { number in
            let file = try folder.file("sentinel-\(number).conf", text)
            return try RedisServer(
                ["--sentinel"] + (password.map { ["--requirepass", "sentinel-\($0)"] } ?? []), file: file)
        }
        self.folder = folder
        asker = RedisClient(
            configuration: try sentinels[0].configuration(
                password.map { "redis://:sentinel-\($0)@" } ?? "redis://"), logger: TestRedis.logger)
        for sentinel in sentinels {
            let configuration = try sentinel.configuration(password.map { "redis://:sentinel-\($0)@" } ?? "redis://")
            let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
            try await eventually("the sentinel knows the group") {
                let fields = try await Self.fields(client)
                return fields["num-other-sentinels"] == "2" && fields["num-slaves"] == "1"
                    && fields["flags"] == "master"
            }
        }
    }

    private static func fields(_ sentinel: RedisClient) async throws -> [String: String] {
        let words = try await sentinel.send(RedisCommand(["SENTINEL", "MASTER", RedisWord(name)])).array ?? []
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            fields[words[index].string ?? ""] = words[index + 1].string
        }
        return fields
    }

    func url(_ login: String = "", path: String = "", query: String = "") -> String {
        let hosts = sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        return "redis+sentinel://\(login)\(hosts)/\(Self.name)\(path)\(query)"
    }

    func configuration(commandTimeout: Duration = .seconds(5)) throws -> RedisConfiguration {
        try RedisConfiguration(url: url(), connectTimeout: .seconds(2), commandTimeout: commandTimeout)
    }

    func client(commandTimeout: Duration = .seconds(5)) throws -> RedisClient {
        RedisClient(configuration: try configuration(commandTimeout: commandTimeout), logger: TestRedis.logger)
    }

    /// The port of the master, after the first sentinel.
    func masterPort() async throws -> Int? {
        try await asker.send(RedisCommand(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", RedisWord(Self.name)])).array?[1].int
    }

    /// Returns when the sentinels have made the other server the master.
    func awaitFailover(from port: Int) async throws {
        try await eventually(within: .seconds(20), "the replica has been promoted") { try await masterPort() != port }
    }

    func failOver() async throws {
        _ = try await asker.send(RedisCommand(["SENTINEL", "FAILOVER", RedisWord(Self.name)]))
    }
}
