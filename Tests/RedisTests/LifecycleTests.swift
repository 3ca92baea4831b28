import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Redis

extension LiveTests {
    struct LifecycleTests {
        private static func count(_ folder: String) throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/\(folder)").count
        }

        private final class Refusal: Sendable {
            let hasHappened = Mutex(false)
        }

        @Test func `a graceful shutdown lets waiting commands finish and refuses new ones`() async throws {
            let server = try RedisServer()
            let client = try server.client(commandTimeout: .seconds(20))
            let control = try server.client()
            let group = ServiceGroup(
                configuration: .init(services: [.init(service: client)], logger: TestRedis.logger))
            let running = Task { try await group.run() }
            try await client.ping()
            async let taken = client.send(RedisCommand(["BLPOP", "list", 0]))
            try await eventually("BLPOP blocks") {
                try await control.send(RedisCommand(["INFO", "clients"])).string?.contains("blocked_clients:1") == true
            }
            await group.triggerGracefulShutdown()
            let refusal = Refusal()
            try await eventually("new commands are refused") {
                // Not awaited: one that is still taken waits behind BLPOP.
                Task {
                    let error = await redisError { try await client.ping() }
                    if error?.label == "closed" { refusal.hasHappened.withLock { $0 = true } }
                }
                return refusal.hasHappened.withLock { $0 }
            }
            _ = try await control.send(RedisCommand(["LPUSH", "list", "x"]))
            #expect(try await taken.array?.last?.string == "x")
            try await running.value
        }

        @Test func `cancelling run closes at once`() async throws {
            let server = try RedisServer()
            let client = try server.client()
            let control = try server.client()
            let running = Task { try await client.run() }
            async let blocked = redisError { _ = try await client.send(RedisCommand(["BLPOP", "list", 0])) }
            try await eventually("BLPOP blocks") {
                try await control.send(RedisCommand(["INFO", "clients"])).string?.contains("blocked_clients:1") == true
            }
            running.cancel()
            #expect(await blocked == .closed(isOutcomeUnknown: true))
            try await running.value
        }

        @Test func `run returns when closed, for every kind of client, also without a server`() async throws {
            let configuration = try RedisConfiguration(url: "redis://127.0.0.1:\(try FreePort.choose())")
            let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
            let blocking = RedisBlockingClient(configuration: configuration, logger: TestRedis.logger)
            let subscriber = RedisSubscriber(configuration: configuration, logger: TestRedis.logger)
            async let runs: Void = {
                async let first: Void = client.run()
                async let second: Void = blocking.run()
                async let third: Void = subscriber.run()
                _ = try await (first, second, third)
            }()
            client.close()
            blocking.close()
            subscriber.close()
            try await runs
        }

        @Test func `a client that goes takes its connection and thread with it`() async throws {
            let server = try RedisServer()
            let control = try server.client()
            try await control.ping()
            let descriptors = try Self.count("fd")
            let threads = try Self.count("task")
            for _ in 0..<50 {
                let client = try server.client()
                let subscriber = try server.subscriber()
                let blocking = RedisBlockingClient(configuration: try server.configuration(), logger: TestRedis.logger)
                try await client.ping()
                _ = try await blocking.send(RedisCommand(["PING"]), timeout: .seconds(5))
                _ = try await subscriber.subscribe("channel")
            }
            try await eventually("only the control connection is left") {
                let list = try await control.send(RedisCommand(["CLIENT", "LIST"])).string ?? ""
                return list.split(separator: "\n").count == 1
            }
            // Other suites run in this process: what they hold is less than a leak of these 150 would be.
            try await eventually("the descriptors are closed") { try Self.count("fd") <= descriptors + 120 }
            try await eventually("the threads have ended") { try Self.count("task") <= threads + 80 }
        }

        @Test func `senders racing with close and breaks all get an answer`() async throws {
            let server = try RedisServer()
            let control = try server.client()
            for round in 0..<10 {
                let client = try server.client(commandTimeout: .seconds(2))
                let answered = await withTaskGroup(of: Int.self) { group in
                    for _ in 0..<32 {
                        group.addTask {
                            for _ in 0..<50 { _ = try? await client.ping() }
                            return 50
                        }
                    }
                    group.addTask {
                        _ = try? await control.send(
                            RedisCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]))
                        if round.isMultiple(of: 2) { client.close() }
                        return 0
                    }
                    return await group.reduce(0, +)
                }
                #expect(answered == 1_600)
            }
        }
    }
}
