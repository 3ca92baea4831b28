import Foundation
import TestSupport
import Testing

@testable import Redis

/// Three masters that share the slots, joined by redis-cli, with replicas of the first one if wanted.
final class ClusterGroup {
    let folder: TemporaryFolder
    let masters: [RedisServer]
    let replicas: [RedisServer]
    /// A client of each master alone, for orders that concern one node.
    let direct: [RedisClient]

    init(replicas replicaCount: Int = 0) async throws {
        let folder = try TemporaryFolder()
        let nodes = try (0..<(3 + replicaCount)).map { number in
            try RedisServer(
                PrivateCluster.settings()
                    + ["--dir", try folder.folder("node-\(number)"), "--repl-diskless-sync-delay", "0"])
        }
        self.folder = folder
        masters = Array(nodes[..<3])
        replicas = Array(nodes[3...])
        direct = try masters.map { try $0.client() }
        try PrivateCluster.join(ports: masters.map(\.port))
        if !replicas.isEmpty { try await addReplicas() }
        for node in nodes {
            let client = try node.client()
            try await eventually("the node knows the whole cluster") {
                let info = try await client.send(RedisCommand(["CLUSTER", "INFO"])).string ?? ""
                return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:\(nodes.count)")
            }
        }
    }

    private func addReplicas() async throws {
        let identifier = try await identifier(of: 0)
        for replica in replicas {
            let client = try replica.client()
            let busPort = try await client.send(RedisCommand(["CONFIG", "GET", "cluster-port"])).array?[1].int ?? 0
            _ = try await direct[0].send(
                RedisCommand(["CLUSTER", "MEET", "127.0.0.1", RedisWord(replica.port), RedisWord(busPort)]))
            try await eventually("the replica follows its master") {
                await redisError {
                    _ = try await client.send(RedisCommand(["CLUSTER", "REPLICATE", RedisWord(identifier)]))
                } == nil
            }
            try await eventually("the replica is in step") {
                try await direct[0].send(RedisCommand(["INFO", "replication"])).string?.contains("state=online") == true
            }
        }
    }

    func identifier(of master: Int) async throws -> String {
        try await direct[master].send(RedisCommand(["CLUSTER", "MYID"])).string ?? ""
    }

    func configuration(commandTimeout: Duration = .seconds(5)) throws -> RedisConfiguration {
        let hosts = masters.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        return try RedisConfiguration(
            url: "redis+cluster://\(hosts)", connectTimeout: .seconds(2), commandTimeout: commandTimeout)
    }

    func client(commandTimeout: Duration = .seconds(5)) throws -> RedisClient {
        RedisClient(configuration: try configuration(commandTimeout: commandTimeout), logger: TestRedis.logger)
    }

    func subscriber() throws -> RedisSubscriber {
        RedisSubscriber(configuration: try configuration(), logger: TestRedis.logger)
    }

    /// A key of this master at the beginning: `redis-cli --cluster create` deals the slots out in three equal ranges,
    /// in order.
    static func key(of master: Int, _ number: Int = 0) -> String {
        for attempt in 0... {
            let key = "key-\(number)-\(attempt)"
            if Self.master(of: KeySlot.of(key.utf8)) == master { return key }
        }
        fatalError("some key has its slot there")
    }

    static func master(of slot: Int) -> Int { slot <= 5_460 ? 0 : slot <= 10_922 ? 1 : 2 }
}

/// A slot on its way from one master to another, step by step.
struct SlotMigration {
    let group: ClusterGroup
    let slot: Int
    let source: Int
    let target: Int

    /// Both know: the source sends callers for keys it has no more to the target with ASK.
    func begin() async throws {
        let (from, to) = (try await group.identifier(of: source), try await group.identifier(of: target))
        try await order(target, ["IMPORTING", RedisWord(from)])
        try await order(source, ["MIGRATING", RedisWord(to)])
    }

    func move(_ keys: [String]) async throws {
        let words: [RedisWord] = [
            "MIGRATE", "127.0.0.1", RedisWord(group.masters[target].port), "", 0, 5_000, "KEYS",
        ]
        _ = try await group.direct[source].send(RedisCommand(words + keys.map { RedisWord($0) }))
    }

    func moveRest() async throws {
        while true {
            let command = RedisCommand(["CLUSTER", "GETKEYSINSLOT", RedisWord(slot), 10])
            let keys = try await group.direct[source].send(command).array?.compactMap(\.string) ?? []
            if keys.isEmpty { return }
            try await move(keys)
        }
    }

    func finish() async throws {
        let identifier = try await group.identifier(of: target)
        for master in [target, source] { try await order(master, ["NODE", RedisWord(identifier)]) }
    }

    private func order(_ master: Int, _ words: [RedisWord]) async throws {
        _ = try await group.direct[master].send(RedisCommand(["CLUSTER", "SETSLOT", RedisWord(slot)] + words))
    }
}
