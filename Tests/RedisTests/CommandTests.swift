import Testing

@testable import Redis

extension LiveTests {
    struct CommandTests {
        @Test func `10,000 concurrent sends each get their own reply`() async throws {
            let client = try TestRedis.client()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<10_000 {
                    group.addTask {
                        let reply = try await client.send(RedisCommand(["ECHO", RedisWord(number)]))
                        #expect(reply.int == number)
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test func `commands of one caller are carried out in order`() async throws {
            let client = try TestRedis.client()
            let key = TestRedis.key()
            for number in 1...200 {
                let length = try await client.send(RedisCommand(["RPUSH", RedisWord(key), RedisWord(number)]))
                #expect(length == .integer(number))
            }
            let list = try await client.send(RedisCommand(["LRANGE", RedisWord(key), 0, -1]))
            #expect(list.array?.map(\.int) == (1...200).map { $0 })
            _ = try await client.send(RedisCommand(["DEL", RedisWord(key)]))
        }

        @Test func `a pipeline answers in order and keeps error replies in place`() async throws {
            let client = try TestRedis.client()
            let key = TestRedis.key()
            let replies = try await client.pipeline([
                RedisCommand(["SET", RedisWord(key), "text"]), RedisCommand(["INCR", RedisWord(key)]),
                RedisCommand(["GET", RedisWord(key)]), RedisCommand(["DEL", RedisWord(key)]),
            ])
            #expect(replies.count == 4)
            #expect(replies.first == .status("OK"))
            #expect(replies[1] == .error("ERR value is not an integer or out of range"))
            #expect(replies[2].string == "text")
            #expect(replies.last == .integer(1))
            #expect(try await client.pipeline([]) == [])
            #expect(try await client.pipeline([RedisCommand(["INCR", RedisWord(key)])]) == [.integer(1)])
            #expect(try await client.pipeline([RedisCommand(["DEL", RedisWord(key)])]) == [.integer(1)])
        }

        @Test func `10,000 commands go as one pipeline`() async throws {
            let client = try TestRedis.client()
            let replies = try await client.pipeline((0..<10_000).map { RedisCommand(["ECHO", RedisWord($0)]) })
            #expect(replies.map(\.int) == Array(0..<10_000))
        }

        @Test func `an error reply is thrown with Redis' code`() async throws {
            let client = try TestRedis.client()
            let key = TestRedis.key()
            _ = try await client.send(RedisCommand(["SET", RedisWord(key), "x", "EX", 60]))
            let error = await redisError { _ = try await client.send(RedisCommand(["LPUSH", RedisWord(key), "y"])) }
            #expect(error?.serverCode == "WRONGTYPE")
            #expect(error?.isOutcomeUnknown == false)
            try await client.ping()
        }

        @Test func `an error's text shows no argument`() async throws {
            let client = try TestRedis.client()
            let secrets: [[RedisWord]] = [
                ["NOSUCHCOMMAND", "hunter2", "hunter2 'and' more"], ["CLIENT", "hunter2"],
                ["ACL", "SETUSER", "errand-test-nobody", "hunter2"], ["CONFIG", "SET", "hunter2", "hunter2"],
                ["OBJECT", "hunter2", "a'b\"hunter2"], ["SET", "k", "v", "hunter2"], ["SCRIPT", "hunter2"],
            ]
            for words in secrets {
                let error = await redisError { _ = try await client.send(RedisCommand(words)) }
                let text = try #require(error).description
                #expect(!text.contains("hunter2"), "\(text)")
            }
        }

        @Test func `every kind of reply is understood`() async throws {
            let client = try TestRedis.client()
            let script = RedisScript(
                name: "kinds", source: "return {1, 'two', false, {3, {4}}, redis.status_reply('FINE'), {}}")
            let reply = try await client.evaluate(script, keys: [])
            #expect(
                reply
                    == .array([
                        .integer(1), .bytes(Array("two".utf8)), .null, .array([.integer(3), .array([.integer(4)])]),
                        .status("FINE"), .array([]),
                    ]))
            #expect(try await client.send(RedisCommand(["GET", RedisWord(TestRedis.key())])).isNull)
        }

        @Test(arguments: [0, 1, 2, 15, 16, 1_023, 65_536, 3_000_000])
        func `bytes come back as they were sent`(count: Int) async throws {
            let client = try TestRedis.client()
            let bytes = [UInt8](repeating: 13, count: count)
            let reply = try await client.send(RedisCommand(["ECHO", RedisWord(bytes)]))
            #expect(reply.bytes == bytes)
        }

        @Test func `large and small commands share the connection`() async throws {
            let client = try TestRedis.client()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let bytes = [UInt8](repeating: UInt8(number), count: number.isMultiple(of: 2) ? 1_000_000 : 10)
                        let reply = try await client.send(RedisCommand(["ECHO", RedisWord(bytes)]))
                        #expect(reply.bytes == bytes)
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test func `a script is loaded when Redis does not know it`() async throws {
            let client = try TestRedis.client()
            let nonce = TestRedis.key()
            let script = RedisScript(name: "join", source: "-- \(nonce)\nreturn KEYS[1] .. ':' .. ARGV[1]")
            #expect(try await client.evaluate(script, keys: ["k"], arguments: ["a"]).string == "k:a")
            let known = try await client.send(RedisCommand(["SCRIPT", "EXISTS", RedisWord(script.digest)]))
            #expect(known == .array([.integer(1)]))
            #expect(try await client.evaluate(script, keys: ["k"], arguments: ["b"]).string == "k:b")
        }

        @Test func `an error inside a script is thrown and names the script's error code`() async throws {
            let client = try TestRedis.client()
            let script = RedisScript(name: "stale", source: "return redis.error_reply('STALE the lease is gone')")
            let error = await redisError { _ = try await client.evaluate(script, keys: []) }
            #expect(error?.serverCode == "STALE")
        }

        @Test func `the digest of a script is the one Redis computes`() async throws {
            let client = try TestRedis.client()
            let script = RedisScript(name: "one", source: "return 1")
            let loaded = try await client.send(RedisCommand(["SCRIPT", "LOAD", RedisWord(script.source)]))
            #expect(loaded.string == script.digest)
        }
    }
}
