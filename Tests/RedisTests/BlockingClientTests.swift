import Testing

@testable import Redis

extension LiveTests {
    struct BlockingClientTests {
        private func blocking(_ server: RedisServer) throws -> RedisBlockingClient {
            RedisBlockingClient(configuration: try server.configuration(), logger: TestRedis.logger)
        }

        private static let move = RedisCommand(["BLMOVE", "from", "to", "RIGHT", "LEFT", 0])

        private func blockedCount(_ client: RedisClient) async throws -> Int? {
            let lines = try await client.send(RedisCommand(["INFO", "clients"])).string?.split(separator: "\r\n") ?? []
            return lines.first { $0.hasPrefix("blocked_clients:") }.flatMap { Int($0.dropFirst(16)) }
        }

        @Test func `a blocking command returns what is pushed while it waits`() async throws {
            let server = try RedisServer()
            let (client, blocking) = (try server.client(), try blocking(server))
            for number in 0..<20 {
                async let taken = blocking.send(Self.move, timeout: .seconds(10))
                _ = try await client.send(RedisCommand(["LPUSH", "from", RedisWord(number)]))
                #expect(try await taken.int == number)
            }
        }

        @Test func `Redis' own timeout is a null reply`() async throws {
            let server = try RedisServer()
            let command = RedisCommand(["BLMOVE", "from", "to", "RIGHT", "LEFT", "0.01"])
            #expect(try await blocking(server).send(command, timeout: .seconds(5)).isNull)
        }

        @Test func `cancellation closes the socket at once and the next command works`() async throws {
            let server = try RedisServer()
            let (client, blocking) = (try server.client(), try blocking(server))
            for _ in 0..<10 {
                let task = Task { try await blocking.send(Self.move, timeout: .seconds(30)) }
                try await eventually("BLMOVE blocks") { try await blockedCount(client) == 1 }
                let start = ContinuousClock.now
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(ContinuousClock.now - start < .milliseconds(500))
                try await eventually("Redis sees the socket closed") { try await blockedCount(client) == 0 }
            }
            _ = try await client.send(RedisCommand(["LPUSH", "from", "x"]))
            #expect(try await blocking.send(Self.move, timeout: .seconds(5)).string == "x")
        }

        @Test func `a task that is already cancelled sends nothing`() async throws {
            let server = try RedisServer()
            let (client, blocking) = (try server.client(), try blocking(server))
            _ = try await client.send(RedisCommand(["LPUSH", "from", "x"]))
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await blocking.send(Self.move, timeout: .seconds(5))
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await client.send(RedisCommand(["LLEN", "from"])) == .integer(1))
        }

        @Test func `the time of a command ends it and the late reply is not taken for another's`() async throws {
            let server = try RedisServer()
            let (client, blocking) = (try server.client(), try blocking(server))
            // Connected first: the time below is the command's alone.
            _ = try await blocking.send(RedisCommand(["PING"]), timeout: .seconds(5))
            let error = await redisError { _ = try await blocking.send(Self.move, timeout: .milliseconds(100)) }
            #expect(error == .timeout(command: "BLMOVE", isOutcomeUnknown: true))
            try await eventually("Redis sees the socket closed") { try await blockedCount(client) == 0 }
            _ = try await client.send(RedisCommand(["LPUSH", "from", "x"]))
            #expect(try await blocking.send(RedisCommand(["ECHO", "mine"]), timeout: .seconds(5)).string == "mine")
            #expect(try await client.send(RedisCommand(["LLEN", "from"])) == .integer(1))
        }

        @Test func `a second command at the same time is refused`() async throws {
            let server = try RedisServer()
            let (client, blocking) = (try server.client(), try blocking(server))
            let task = Task { try await blocking.send(Self.move, timeout: .seconds(30)) }
            try await eventually("BLMOVE blocks") { try await blockedCount(client) == 1 }
            #expect(await redisError { _ = try await blocking.send(Self.move, timeout: .seconds(1)) } == .overloaded)
            task.cancel()
            _ = try? await task.value
        }

        @Test func `a broken connection is an unknown outcome and the next command works`() async throws {
            let server = try RedisServer()
            let (client, blocking) = (try server.client(), try blocking(server))
            async let lost = redisError { _ = try await blocking.send(Self.move, timeout: .seconds(30)) }
            try await eventually("BLMOVE blocks") { try await blockedCount(client) == 1 }
            server.kill()
            try server.start()
            #expect(await lost == .connectionLost(command: "BLMOVE", isOutcomeUnknown: true))
            #expect(try await blocking.send(RedisCommand(["ECHO", "back"]), timeout: .seconds(5)).string == "back")
        }

        @Test func `close fails the command under way`() async throws {
            let server = try RedisServer()
            let (client, blocking) = (try server.client(), try blocking(server))
            async let closed = redisError { _ = try await blocking.send(Self.move, timeout: .seconds(30)) }
            try await eventually("BLMOVE blocks") { try await blockedCount(client) == 1 }
            blocking.close()
            #expect(await closed == .closed(isOutcomeUnknown: true))
        }
    }
}
