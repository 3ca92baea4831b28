import TestSupport
import Testing

@testable import Redis

extension LiveTests {
    /// Real sentinels, a real master and its replica.
    struct SentinelTests {
        private static let keys = (0..<16).map { "key-\($0)" }

        /// How long after the promotion the load got its next answer from the new master.
        private func outage(_ load: Load, _ group: SentinelGroup, from port: Int) async throws -> Duration {
            try await group.awaitFailover(from: port)
            let promoted = ContinuousClock.now
            let before = load.current.acknowledged
            try await eventually(within: .seconds(20), "the load goes on") { load.current.acknowledged > before + 100 }
            return ContinuousClock.now - promoted
        }

        /// No caller got another's answer or waited too long, and nothing was carried out twice.
        private func check(_ tally: Load.Tally, _ what: String, _ outage: Duration) {
            print("\(what): \(tally.acknowledged) acknowledged, \(tally.failures), back after \(outage)")
            #expect(tally.strangers == 0 && tally.late == 0)
            #expect(outage < .seconds(5))
        }

        private func expectGapThenMessage(_ subscription: RedisSubscription, _ client: RedisClient) async throws {
            #expect(await subscription.next(within: .seconds(10)) == .notice(.gap))
            _ = try await client.send(RedisCommand(["PUBLISH", "news", "after"]))
            #expect(await subscription.next(within: .seconds(5)) == .notice(.message(Array("after".utf8))))
        }

        @Test func `kill -9 of the master under load: clients and subscriptions follow to the new one`() async throws {
            let group = try await SentinelGroup()
            let client = try group.client()
            let subscriber = RedisSubscriber(configuration: try group.configuration(), logger: TestRedis.logger)
            let subscription = try await subscriber.subscribe("news")
            let load = Load(client, keys: Self.keys)
            var outage = Duration.zero
            let tally = try await load.around {
                try await eventually("the load runs") { load.current.acknowledged > 500 }
                group.servers[0].kill()
                outage = try await self.outage(load, group, from: group.servers[0].port)
                try await expectGapThenMessage(subscription, client)
            }
            check(tally, "kill -9", outage)
        }

        @Test func `a frozen master is left, and its return changes nothing`() async throws {
            let group = try await SentinelGroup()
            let client = try group.client()
            let blocking = RedisBlockingClient(configuration: try group.configuration(), logger: TestRedis.logger)
            let subscriber = RedisSubscriber(configuration: try group.configuration(), logger: TestRedis.logger)
            let subscription = try await subscriber.subscribe("news")
            let load = Load(client, keys: Self.keys)
            var outage = Duration.zero
            let tally = try await load.around {
                try await eventually("the load runs") { load.current.acknowledged > 500 }
                async let blocked = redisError {
                    _ = try await blocking.send(RedisCommand(["BLPOP", "none", 0]), timeout: .seconds(10))
                }
                try await eventually("BLPOP blocks") {
                    try await client.send(RedisCommand(["INFO", "clients"])).string?
                        .contains("blocked_clients:1") == true
                }
                group.servers[0].freeze()
                outage = try await self.outage(load, group, from: group.servers[0].port)
                #expect(await blocked == .connectionLost(command: "BLPOP", isOutcomeUnknown: true))
                try await expectGapThenMessage(subscription, client)
                group.servers[0].thaw()
                let written = try await group.servers[0].client().send(RedisCommand(["GET", "key-0"])).int ?? 0
                let now = try await client.send(RedisCommand(["GET", "key-0"])).int ?? 0
                #expect(now > written)
                try await eventually("the load goes on") { load.current.bounds["key-0"]?.lowerBound ?? 0 > now + 100 }
                #expect(try await group.servers[0].client().send(RedisCommand(["GET", "key-0"])).int ?? 0 <= now)
                _ = try await client.send(RedisCommand(["LPUSH", "list", "x"]))
                let popped = try await blocking.send(RedisCommand(["BLPOP", "list", 0]), timeout: .seconds(5))
                #expect(popped.array?.last?.string == "x")
            }
            check(tally, "SIGSTOP", outage)
        }

        @Test func `an orderly failover under load carries nothing out twice`() async throws {
            let group = try await SentinelGroup()
            let client = try group.client()
            let load = Load(client, keys: Self.keys)
            var outage = Duration.zero
            let tally = try await load.around {
                try await eventually("the load runs") { load.current.acknowledged > 500 }
                try await group.failOver()
                outage = try await self.outage(load, group, from: group.servers[0].port)
                try await eventually("the client is at the new master") {
                    let port = try? await client.send(RedisCommand(["CONFIG", "GET", "port"])).array?[1].int
                    return port == group.servers[1].port
                }
                let before = load.current.acknowledged
                try await eventually("the load goes on there") { load.current.acknowledged > before + 500 }
            }
            check(tally, "SENTINEL FAILOVER", outage)
            for key in Self.keys {
                let value = try await client.send(RedisCommand(["GET", RedisWord(key)])).int ?? 0
                let bounds = try #require(tally.bounds[key])
                #expect(value <= bounds.upperBound)
            }
        }

        @Test func `passwords, a database, a dead and a frozen sentinel in the list`() async throws {
            let group = try await SentinelGroup(password: "pass")
            group.sentinels[0].kill()
            group.sentinels[1].freeze()
            defer { group.sentinels[1].thaw() }
            let url = group.url(":pass@", path: "/3", query: "?sentinel_password=sentinel-pass")
            let client = RedisClient(configuration: try RedisConfiguration(url: url), logger: TestRedis.logger)
            _ = try await client.send(RedisCommand(["SET", "k", "v"]))
            let list = try await client.send(RedisCommand(["CLIENT", "LIST"])).string ?? ""
            #expect(list.contains("db=3"))
            for (login, query) in [
                (":pass@", "?sentinel_password=wrong"), (":wrong@", "?sentinel_password=sentinel-pass"),
            ] {
                let configuration = try RedisConfiguration(
                    url: group.url(login, query: query), commandTimeout: .seconds(3))
                let wrong = RedisClient(configuration: configuration, logger: TestRedis.logger)
                let error = await redisError { try await wrong.ping() }
                #expect(error?.label == "connect")
                #expect(error?.description.contains("WRONGPASS") == true, "\(String(describing: error))")
            }
        }

        @Test func `without a sentinel, or with a name none knows, the error says so in time`() async throws {
            let sentinel = try RedisServer()
            let ports = [sentinel.port, try FreePort.choose()]
            for port in ports {
                let configuration = try RedisConfiguration(
                    url: "redis+sentinel://127.0.0.1:\(port)/nobody", commandTimeout: .milliseconds(500))
                let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
                let start = ContinuousClock.now
                let error = await redisError { try await client.ping() }
                #expect(error?.label == "connect")
                #expect(error?.description.contains("no sentinel knows nobody") == true, "\(String(describing: error))")
                #expect(ContinuousClock.now - start < .seconds(1))
            }
        }
    }
}
