import Foundation
import TestSupport
import Testing

@testable import Redis

extension LiveTests {
    /// Each test has its own redis-server and hurts it.
    struct ConnectionFaultTests {
        @Test func `a client reconnects after kill -9 and restart, and waiting commands go out`() async throws {
            let server = try RedisServer()
            let client = try server.client()
            try await client.ping()
            server.kill()
            async let early = client.send(RedisCommand(["ECHO", "early"]))
            try server.start()
            // `early` was either unsent, and goes out on the new connection, or it was sent into the dying one.
            do {
                #expect(try await early.string == "early")
            } catch let error as RedisError {
                #expect(error == .connectionLost(command: "ECHO", isOutcomeUnknown: true))
            }
            try await client.ping()
        }

        @Test func `a command that was sent when the connection broke has an unknown outcome`() async throws {
            let server = try RedisServer()
            let client = try server.client()
            try await client.ping()
            async let blocked = redisError { _ = try await client.send(RedisCommand(["BLPOP", "none", 0])) }
            let control = try server.client()
            try await eventually("BLPOP has reached Redis") {
                try await control.send(RedisCommand(["INFO", "clients"])).string?.contains("blocked_clients:1") == true
            }
            server.kill()
            #expect(await blocked == .connectionLost(command: "BLPOP", isOutcomeUnknown: true))
        }

        @Test func `CLIENT KILL is survived`() async throws {
            let server = try RedisServer()
            let client = try server.client()
            let control = try server.client()
            for _ in 0..<5 {
                let identifier = try await client.send(RedisCommand(["CLIENT", "ID"])).int
                let killed = try await control.send(RedisCommand(["CLIENT", "KILL", "ID", RedisWord(identifier ?? 0)]))
                #expect(killed == .integer(1))
                // The first command may still meet the broken connection.
                _ = try? await client.send(RedisCommand(["PING"]))
                #expect(try await client.send(RedisCommand(["CLIENT", "ID"])).int != identifier)
            }
        }

        @Test func `a paused Redis makes commands time out, and the client recovers`() async throws {
            let server = try RedisServer()
            let client = try server.client(commandTimeout: .milliseconds(300))
            _ = try await client.send(RedisCommand(["CLIENT", "PAUSE", 900, "ALL"]))
            let start = ContinuousClock.now
            let error = await redisError { _ = try await client.send(RedisCommand(["SET", "k", "v"])) }
            #expect(error == .timeout(command: "SET", isOutcomeUnknown: true))
            #expect(ContinuousClock.now - start < .milliseconds(700))
            try await eventually("the client works again") { await redisError { try await client.ping() } == nil }
        }

        @Test func `a frozen Redis is a black hole: everything times out in time`() async throws {
            let server = try RedisServer()
            let client = try server.client(commandTimeout: .milliseconds(300))
            try await client.ping()
            server.freeze()
            defer { server.thaw() }
            let start = ContinuousClock.now
            let errors = await withTaskGroup(of: RedisError?.self) { group in
                for _ in 0..<100 {
                    group.addTask { await redisError { try await client.ping() } }
                }
                return await group.reduce(into: []) { $0.append($1?.label) }
            }
            #expect(errors.count == 100)
            #expect(errors.allSatisfy { $0 == "timeout" || $0 == "connectionLost" })
            #expect(ContinuousClock.now - start < .seconds(1))
            // By now the connection has been given up; the kernel still accepts new ones, which get no greeting.
            let later = await redisError { try await client.ping() }
            #expect(later?.isOutcomeUnknown == false)
            server.thaw()
            try await eventually("the client works again") { await redisError { try await client.ping() } == nil }
        }

        /// Freezes the server and fills the socket, so that what is submitted after `big` stays unsent.
        private func stuff(_ client: RedisClient, _ server: RedisServer) async throws -> Task<RedisError?, Never> {
            try await client.ping()
            server.freeze()
            let big = RedisCommand(["ECHO", RedisWord([UInt8](repeating: 1, count: 30_000_000))])
            let task = Task { await redisError { _ = try await client.send(big) } }
            try await eventually("the socket is full") { client.waitingBytes > 30_000_000 }
            return task
        }

        @Test func `what was not written yet goes out on the next connection`() async throws {
            let server = try RedisServer()
            let client = try server.client()
            let big = try await stuff(client, server)
            async let numbers = withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<100 { group.addTask { try await client.send(RedisCommand(["INCR", "n"])).int } }
                return try await group.reduce(into: Set<Int?>()) { $0.insert($1) }
            }
            try await eventually("the small ones wait") { client.waitingCommands == 101 }
            server.kill()
            try server.start()
            #expect(try await numbers == Set((1...100).map { $0 }))
            #expect(await big.value == .connectionLost(command: "ECHO", isOutcomeUnknown: true))
            #expect(client.waitingCommands == 0 && client.waitingBytes == 0)
        }

        @Test func `what was never written times out with a known outcome`() async throws {
            let server = try RedisServer()
            let client = try server.client(commandTimeout: .milliseconds(400))
            let big = try await stuff(client, server)
            defer { server.thaw() }
            // A little later than `big`, so that it is its own deadline that ends it.
            let error = await redisError { _ = try await client.send(RedisCommand(["SET", "k", "v"])) }
            #expect(error?.isOutcomeUnknown == false, "\(String(describing: error))")
            #expect(await big.value?.isOutcomeUnknown == true)
        }

        @Test func `a server that accepts and says nothing is a clear error`() async throws {
            let server = try RedisServer()
            try await server.client().ping()
            server.freeze()
            defer { server.thaw() }
            let configuration = try RedisConfiguration(
                url: "redis://127.0.0.1:\(server.port)", connectTimeout: .milliseconds(100),
                commandTimeout: .milliseconds(400))
            let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
            let error = await redisError { try await client.ping() }
            #expect(error == .connect("127.0.0.1:\(server.port)/0: no answer to the greeting in time"))
        }

        @Test func `without a server a command fails in time and says where and why`() async throws {
            let port = try FreePort.choose()
            let configuration = try RedisConfiguration(
                url: "redis://user:hunter2@127.0.0.1:\(port)", commandTimeout: .milliseconds(200))
            let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
            let start = ContinuousClock.now
            let error = await redisError { try await client.ping() }
            #expect(error == .connect("127.0.0.1:\(port)/0: Connection refused"))
            #expect(ContinuousClock.now - start < .milliseconds(600))
        }

        @Test func `a name that does not resolve fails in time`() async throws {
            let configuration = try RedisConfiguration(
                url: "redis://no-such-host.invalid", commandTimeout: .milliseconds(500))
            let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
            let start = ContinuousClock.now
            let error = await redisError { try await client.ping() }
            #expect(error?.label == "connect" || error?.label == "timeout")
            #expect(ContinuousClock.now - start < .seconds(1))
        }

        @Test func `more than maxPending commands are refused at once, and later ones are taken again`() async throws {
            let server = try RedisServer()
            let client = try server.client(commandTimeout: .milliseconds(500), maxPending: 100)
            try await client.ping()
            server.freeze()
            let labels = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<150 {
                    group.addTask { await redisError { try await client.ping() }?.label }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            server.thaw()
            #expect(labels.count { $0 == "overloaded" } == 50)
            try await eventually("the client takes commands again") {
                await redisError { try await client.ping() } == nil
            }
            let many = (0..<101).map { RedisCommand(["ECHO", RedisWord($0)]) }
            #expect(await redisError { _ = try await client.pipeline(many) } == .overloaded)
            #expect(try await client.pipeline(Array(many.dropLast())).count == 100)
        }

        @Test func `SCRIPT FLUSH between two calls of a script is not noticed`() async throws {
            let server = try RedisServer()
            let client = try server.client()
            let script = RedisScript(name: "count", source: "return redis.call('INCR', KEYS[1])")
            for round in 1...10 {
                #expect(try await client.evaluate(script, keys: ["n"]).int == round)
                _ = try await client.send(RedisCommand(["SCRIPT", "FLUSH"]))
            }
        }

        @Test func `close fails everything that waits`() async throws {
            let server = try RedisServer()
            let client = try server.client()
            try await client.ping()
            server.freeze()
            defer { server.thaw() }
            let errors = await withTaskGroup(of: RedisError?.self) { group in
                for _ in 0..<200 { group.addTask { await redisError { try await client.ping() } } }
                group.addTask {
                    client.close()
                    return nil
                }
                return await group.reduce(into: [String]()) { if let error = $1 { $0.append(error.label) } }
            }
            #expect(errors == Array(repeating: "closed", count: 200))
            #expect(await redisError { try await client.ping() } == .closed(isOutcomeUnknown: false))
        }

        @Test func `a server that does not speak Redis' protocol is a clear error`() async throws {
            let listener = try GreetingServer(greeting: "HTTP/1.1 400 Bad Request\r\n\r\n")
            let configuration = try RedisConfiguration(
                url: "redis://127.0.0.1:\(listener.port)", commandTimeout: .milliseconds(300))
            let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
            let error = await redisError { try await client.ping() }
            #expect(error?.description.contains("protocol") == true, "\(String(describing: error))")
        }
    }
}
