import Testing

@testable import Redis

extension LiveTests {
    struct CredentialTests {
        private static func server() throws -> RedisServer {
            try RedisServer([
                "--user", "default", "off", "--user", "errand", "on", ">p%40ss:w/rd", "~*", "&*", "+@all",
            ])
        }

        private func client(_ server: RedisServer, _ prefix: String, path: String = "") throws -> RedisClient {
            let configuration = try server.configuration(prefix, path: path, commandTimeout: .milliseconds(800))
            return RedisClient(configuration: configuration, logger: TestRedis.logger)
        }

        @Test func `user, password and database come from the URL, on every connection`() async throws {
            let server = try Self.server()
            let client = try client(server, "redis://errand:p%2540ss%3Aw%2Frd@", path: "/3")
            for _ in 0..<3 {
                #expect(try await client.send(RedisCommand(["ACL", "WHOAMI"])).string == "errand")
                let info = try await client.send(RedisCommand(["CLIENT", "INFO"])).string
                #expect(info?.contains(" db=3 ") == true)
                _ = try? await client.send(RedisCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"]))
                // The reply comes before the connection goes; this one may still meet it.
                _ = try? await client.ping()
            }
        }

        @Test func `a wrong password is a clear error that does not repeat it`() async throws {
            let server = try Self.server()
            let client = try client(server, "redis://errand:hunter2@")
            let error = try #require(await redisError { try await client.ping() })
            #expect(error.label == "connect")
            #expect(error.description.contains("WRONGPASS"))
            #expect(!error.description.contains("hunter2"))
        }

        @Test func `no password where one is needed is a clear error`() async throws {
            let server = try Self.server()
            let error = await redisError { try await client(server, "redis://").ping() }
            #expect(error?.description.contains("NOAUTH") == true)
        }

        @Test func `a database that does not exist is a clear error`() async throws {
            let server = try RedisServer()
            let error = await redisError { try await client(server, "redis://", path: "/99").ping() }
            #expect(error?.description.contains("DB index is out of range") == true)
        }

        @Test func `a password alone is the default user's`() async throws {
            let server = try RedisServer(["--requirepass", "simple"])
            let client = try client(server, "redis://:simple@")
            #expect(try await client.send(RedisCommand(["ACL", "WHOAMI"])).string == "default")
        }
    }
}
