import Testing

@testable import Redis

extension LiveTests {
    /// Three real masters.
    struct ClusterTests {
        @Test func `commands, pipelines, scripts and blocking calls find their nodes`() async throws {
            let group = try await ClusterGroup()
            let client = try group.client()
            let commands = (0..<300).flatMap { number in
                [
                    RedisCommand(["SET", "k\(number)", RedisWord(number)]), RedisCommand(["GET", "k\(number)"]),
                    RedisCommand(["LPUSH", "k\(number)", "x"]), RedisCommand(["ECHO", RedisWord(number)]),
                ]
            }
            let replies = try await client.pipeline(commands)
            for number in 0..<300 {
                #expect(replies[number * 4] == .status("OK"))
                #expect(replies[number * 4 + 1].int == number && replies[number * 4 + 3].int == number)
                guard case .error(let message) = replies[number * 4 + 2] else { throw RedisError.overloaded }
                #expect(message.hasPrefix("WRONGTYPE"))
            }
            for direct in group.direct { #expect(try await direct.send(RedisCommand(["DBSIZE"])).int ?? 0 > 50) }
            let script = RedisScript(name: "add", source: "return redis.call('INCRBY', KEYS[1], ARGV[1])")
            for number in 0..<30 {
                #expect(try await client.evaluate(script, keys: ["k\(number)"], arguments: [1]).int == number + 1)
            }
            try await client.ping()
            let error = await redisError { _ = try await client.send(RedisCommand(["MGET", "k1", "k2"])) }
            #expect(error?.serverCode == "CROSSSLOT")
            let apart = await redisError { _ = try await client.evaluate(script, keys: ["a", "b"]) }
            #expect(apart?.serverCode == "CROSSSLOT")
            #expect(client.waitingCommands == 0 && client.waitingBytes == 0)
            try await blockingCalls(group, client)
        }

        private func blockingCalls(_ group: ClusterGroup, _ client: RedisClient) async throws {
            let blocking = RedisBlockingClient(configuration: try group.configuration(), logger: TestRedis.logger)
            for number in 0..<12 {
                let (from, to) = ("{queue-\(number)}from", "{queue-\(number)}to")
                let command = RedisCommand(["BLMOVE", RedisWord(from), RedisWord(to), "RIGHT", "LEFT", 0])
                async let taken = blocking.send(command, timeout: .seconds(5))
                _ = try await client.send(RedisCommand(["LPUSH", RedisWord(from), RedisWord(number)]))
                #expect(try await taken.int == number)
            }
            let task = Task { try await blocking.send(RedisCommand(["BLPOP", "none", 0]), timeout: .seconds(30)) }
            try await eventually("BLPOP blocks") {
                for direct in group.direct {
                    let info = try await direct.send(RedisCommand(["INFO", "clients"])).string ?? ""
                    if info.contains("blocked_clients:1") { return true }
                }
                return false
            }
            let start = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ContinuousClock.now - start < .milliseconds(500))
        }

        @Test func `a slot moves under load and every count is exact`() async throws {
            let group = try await ClusterGroup()
            let client = try group.client()
            let keys = (0..<16).map { "{moving}\($0)" }
            let slot = KeySlot.of(keys[0].utf8)
            let source = ClusterGroup.master(of: slot)
            let migration = SlotMigration(group: group, slot: slot, source: source, target: (source + 1) % 3)
            let load = Load(client, keys: keys)
            let tally = try await load.around {
                try await eventually("the load runs") { load.current.acknowledged > 500 }
                try await migration.begin()
                for key in keys {
                    let before = load.current.acknowledged
                    try await migration.move([key])
                    try await eventually("the load goes on") { load.current.acknowledged > before + 50 }
                }
                try await migration.moveRest()
                try await migration.finish()
                let before = load.current.acknowledged
                try await eventually("the load goes on") { load.current.acknowledged > before + 500 }
            }
            #expect(tally.strangers == 0 && tally.failures == [:])
            for key in keys {
                let value = try await group.direct[migration.target].send(RedisCommand(["GET", RedisWord(key)])).int
                #expect(value == tally.bounds[key]?.lowerBound)
            }
        }

        @Test func `ASK is followed for keys that have gone, TRYAGAIN until they are together`() async throws {
            let group = try await ClusterGroup()
            let client = try group.client()
            let keys = (0..<4).map { "{asked}\($0)" }
            let slot = KeySlot.of(keys[0].utf8)
            let source = ClusterGroup.master(of: slot)
            let migration = SlotMigration(group: group, slot: slot, source: source, target: (source + 2) % 3)
            for key in keys { _ = try await client.send(RedisCommand(["SET", RedisWord(key), RedisWord(key)])) }
            try await migration.begin()
            try await migration.move(Array(keys[..<2]))
            let replies = try await client.pipeline(keys.map { RedisCommand(["GET", RedisWord($0)]) })
            #expect(replies.map(\.string) == keys)
            // A key that nobody has yet is made at the target.
            _ = try await client.send(RedisCommand(["SET", "{asked}new", "x"]))
            let script = RedisScript(name: "get", source: "return redis.call('GET', KEYS[1])")
            #expect(try await client.evaluate(script, keys: ["{asked}new"]).string == "x")
            async let both = client.send(RedisCommand(["MGET"] + keys.map { RedisWord($0) }))
            async let refused = redisError {
                let hasty = try group.client(commandTimeout: .milliseconds(300))
                _ = try await hasty.send(RedisCommand(["MGET"] + keys.map { RedisWord($0) }))
            }
            #expect(await refused?.serverCode == "TRYAGAIN")
            try await migration.moveRest()
            try await migration.finish()
            #expect(try await both.array?.map(\.string) == keys)
        }

        @Test func `a blocked call goes with its slot`() async throws {
            let group = try await ClusterGroup()
            let blocking = RedisBlockingClient(configuration: try group.configuration(), logger: TestRedis.logger)
            let slot = KeySlot.of("list".utf8)
            let source = ClusterGroup.master(of: slot)
            let migration = SlotMigration(group: group, slot: slot, source: source, target: (source + 1) % 3)
            async let popped = blocking.send(RedisCommand(["BLPOP", "list", 0]), timeout: .seconds(10))
            for master in [source, migration.target] {
                try await eventually("BLPOP blocks") {
                    try await group.direct[master].send(RedisCommand(["INFO", "clients"])).string?
                        .contains("blocked_clients:1") == true
                }
                if master == source {
                    try await migration.begin()
                    try await migration.finish()
                }
            }
            _ = try await group.client().send(RedisCommand(["LPUSH", "list", "x"]))
            #expect(try await popped.array?.last?.string == "x")
        }
    }
}
