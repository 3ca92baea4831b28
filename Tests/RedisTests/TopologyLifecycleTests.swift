import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import Redis

extension LiveTests {
    /// A cluster of one node is enough here, and a stub for a sentinel.
    struct TopologyLifecycleTests {
        private let folder = try! TemporaryFolder()
        private let server: RedisServer
        private let sentinel: StubSentinel
        private let urls: [String]

        init() async throws {
            let arguments = ["--cluster-enabled", "yes", "--cluster-port", "\(try FreePort.choose())"]
            server = try RedisServer(arguments + ["--dir", folder.path])
            let client = try server.client()
            _ = try await client.send(RedisCommand(["CLUSTER", "ADDSLOTSRANGE", 0, 16_383]))
            try await eventually("the cluster is there") {
                try await client.send(RedisCommand(["CLUSTER", "INFO"])).string?.contains("cluster_state:ok") == true
            }
            sentinel = try StubSentinel(.init(port: server.port, epoch: 1))
            urls = ["redis+cluster://127.0.0.1:\(server.port)", "redis+sentinel://127.0.0.1:\(sentinel.port)/m"]
        }

        private func configurations() throws -> [RedisConfiguration] {
            try urls.map { try RedisConfiguration(url: $0) }
        }

        @Test func `run returns when closed, with and without servers`() async throws {
            let port = try FreePort.choose()
            let nobody = ["redis+cluster://127.0.0.1:\(port)", "redis+sentinel://127.0.0.1:\(port)/m"]
            for configuration in try configurations() + nobody.map({ try RedisConfiguration(url: $0) }) {
                let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
                let blocking = RedisBlockingClient(configuration: configuration, logger: TestRedis.logger)
                let subscriber = RedisSubscriber(configuration: configuration, logger: TestRedis.logger)
                async let runs: Void = {
                    async let first: Void = client.run()
                    async let second: Void = blocking.run()
                    async let third: Void = subscriber.run()
                    _ = try await (first, second, third)
                }()
                async let pinged = redisError { try await client.ping() }
                client.close()
                blocking.close()
                subscriber.close()
                try await runs
                _ = await pinged
                #expect(await redisError { try await client.ping() } == .closed(isOutcomeUnknown: false))
            }
        }

        @Test func `a graceful shutdown lets what waits finish`() async throws {
            for configuration in try configurations() {
                let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
                let group = ServiceGroup(
                    configuration: .init(services: [.init(service: client)], logger: TestRedis.logger))
                let running = Task { try await group.run() }
                try await client.ping()
                async let taken = client.send(RedisCommand(["BLPOP", "list", 0]))
                let control = try server.client()
                try await eventually("BLPOP blocks") {
                    try await control.send(RedisCommand(["INFO", "clients"])).string?
                        .contains("blocked_clients:1") == true
                }
                await group.triggerGracefulShutdown()
                _ = try await control.send(RedisCommand(["LPUSH", "list", "x"]))
                #expect(try await taken.array?.last?.string == "x")
                try await running.value
            }
        }

        @Test func `clients that go take their connections with them`() async throws {
            let control = try server.client()
            for configuration in try configurations() {
                for _ in 0..<10 {
                    let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
                    let blocking = RedisBlockingClient(configuration: configuration, logger: TestRedis.logger)
                    let subscriber = RedisSubscriber(configuration: configuration, logger: TestRedis.logger)
                    try await client.ping()
                    _ = try await blocking.send(RedisCommand(["BLPOP", "none", "0.01"]), timeout: .seconds(5))
                    _ = try await subscriber.subscribe("channel")
                }
            }
            try await eventually("only the control connection is left") {
                let list = try await control.send(RedisCommand(["CLIENT", "LIST"])).string ?? ""
                return list.split(separator: "\n").count == 1
            }
        }

        @Test func `a call that is cancelled before its node is known sends nothing`() async throws {
            for configuration in try configurations() {
                let blocking = RedisBlockingClient(configuration: configuration, logger: TestRedis.logger)
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await blocking.send(RedisCommand(["LPUSH", "cancelled", "x"]), timeout: .seconds(5))
                }
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(try await server.client().send(RedisCommand(["LLEN", "cancelled"])) == .integer(0))
            }
        }

        @Test func `without a node of the cluster the error names the URL's nodes in time`() async throws {
            let port = try FreePort.choose()
            let configuration = try RedisConfiguration(
                url: "redis+cluster://127.0.0.1:\(port)", commandTimeout: .milliseconds(400))
            let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
            let start = ContinuousClock.now
            let error = await redisError { try await client.ping() }
            #expect(error?.label == "connect")
            #expect(error?.description.contains("127.0.0.1:\(port)") == true)
            #expect(error?.description.contains("refused") == true, "\(String(describing: error))")
            #expect(ContinuousClock.now - start < .seconds(1))
        }

        @Test func `a server that is no cluster is a clear error`() async throws {
            let single = try RedisServer()
            let configuration = try RedisConfiguration(
                url: "redis+cluster://127.0.0.1:\(single.port)", commandTimeout: .milliseconds(400))
            let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
            let error = await redisError { try await client.ping() }
            #expect(error?.description.contains("belongs to no cluster") == true, "\(String(describing: error))")
        }
    }
}
