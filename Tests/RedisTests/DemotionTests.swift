import Testing

@testable import Redis

extension LiveTests {
    /// A master that becomes a replica while its connections stay, and sentinels that learn of it late or not at all.
    struct DemotionTests {
        private let servers: [RedisServer]
        private let direct: [RedisClient]

        init() async throws {
            servers = try (0..<2).map { _ in try RedisServer(["--repl-diskless-sync-delay", "0"]) }
            direct = try servers.map { try $0.client() }
            try await Self.makeReplica(direct[1], of: servers[0])
        }

        private static func makeReplica(_ client: RedisClient, of master: RedisServer) async throws {
            _ = try await client.send(RedisCommand(["REPLICAOF", "127.0.0.1", RedisWord(master.port)]))
            try await eventually("the replica is in step") {
                try await client.send(RedisCommand(["INFO", "replication"])).string?
                    .contains("master_link_status:up") == true
            }
        }

        private func configuration(_ sentinels: [StubSentinel]) throws -> RedisConfiguration {
            let hosts = sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
            return try RedisConfiguration(url: "redis+sentinel://\(hosts)/m")
        }

        private func opinion(_ server: Int, epoch: Int) -> StubSentinel.Opinion {
            StubSentinel.Opinion(port: servers[server].port, epoch: epoch)
        }

        private func swapRoles() async throws {
            _ = try await direct[1].send(RedisCommand(["REPLICAOF", "NO", "ONE"]))
            try await Self.makeReplica(direct[0], of: servers[1])
        }

        @Test func `what a demoted master refuses is done once, by the new one, as soon as it is named`() async throws {
            let sentinel = try StubSentinel(opinion(0, epoch: 1))
            let client = RedisClient(configuration: try configuration([sentinel]), logger: TestRedis.logger)
            try await client.ping()
            try await swapRoles()
            let increments = Task {
                try await client.pipeline((0..<50).map { _ in RedisCommand(["INCR", "n"]) })
            }
            let script = RedisScript(name: "count", source: "return redis.call('INCR', KEYS[1])")
            async let scripted = client.evaluate(script, keys: ["scripted"])
            // It was refused and has left; the sentinel still sends it back, where the role is wrong.
            try await eventually("the client has left the former master") {
                try await direct[0].send(RedisCommand(["CLIENT", "LIST", "TYPE", "normal"])).string?
                    .split(separator: "\n").count == 1
            }
            sentinel.say(opinion(1, epoch: 2))
            #expect(try await increments.value == (1...50).map { .integer($0) })
            #expect(try await scripted == .integer(1))
            #expect(try await direct[1].send(RedisCommand(["GET", "n"])).int == 50)
        }

        @Test func `a blocked call moves to the new master within its time`() async throws {
            let sentinel = try StubSentinel(opinion(0, epoch: 1))
            let blocking = RedisBlockingClient(configuration: try configuration([sentinel]), logger: TestRedis.logger)
            async let popped = blocking.send(RedisCommand(["BLPOP", "list", 0]), timeout: .seconds(10))
            for server in [0, 1] {
                try await eventually("BLPOP blocks") {
                    try await direct[server].send(RedisCommand(["INFO", "clients"])).string?
                        .contains("blocked_clients:1") == true
                }
                if server == 0 {
                    try await swapRoles()
                    sentinel.say(opinion(1, epoch: 2))
                }
            }
            _ = try await direct[1].send(RedisCommand(["LPUSH", "list", "x"]))
            #expect(try await popped.array?.last?.string == "x")
        }

        @Test func `without a new master the refusal is the answer when the time is up`() async throws {
            let sentinel = try StubSentinel(opinion(0, epoch: 1))
            var configuration = try configuration([sentinel])
            configuration.commandTimeout = .milliseconds(500)
            let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
            try await client.ping()
            try await Self.makeReplica(direct[0], of: servers[1])
            let start = ContinuousClock.now
            let error = await redisError { _ = try await client.send(RedisCommand(["INCR", "n"])) }
            #expect(error?.isOutcomeUnknown == false)
            #expect(error?.description.contains("role is slave") == true, "\(String(describing: error))")
            #expect(ContinuousClock.now - start < .seconds(1))
        }

        @Test func `a master that the newer sentinels have replaced is left although it works`() async throws {
            let sentinels = [try StubSentinel(opinion(0, epoch: 1)), try StubSentinel(opinion(0, epoch: 1))]
            let client = RedisClient(configuration: try configuration(sentinels), logger: TestRedis.logger)
            try await client.ping()
            // The former master and one sentinel are cut off from the others, not from the client.
            _ = try await direct[1].send(RedisCommand(["REPLICAOF", "NO", "ONE"]))
            sentinels[1].say(opinion(1, epoch: 2))
            func port() async throws -> Int? {
                try await client.send(RedisCommand(["CONFIG", "GET", "port"])).array?[1].int
            }
            let start = ContinuousClock.now
            try await eventually("the client is at the new master") { (try? await port()) == servers[1].port }
            #expect(ContinuousClock.now - start < .seconds(4))
            let identifier = try await client.send(RedisCommand(["CLIENT", "ID"])).int
            while ContinuousClock.now - start < .seconds(7) {
                #expect(try await client.send(RedisCommand(["CLIENT", "ID"])).int == identifier)
                #expect(try await port() == servers[1].port)
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
