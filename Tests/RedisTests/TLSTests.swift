import Foundation
import TestSupport
import Testing

@testable import Redis

extension LiveTests {
    struct TLSTests {
        /// A key and a self-signed certificate for `localhost`, made by the openssl tool.
        private struct Certificate {
            let folder: URL
            var key: String { folder.appendingPathComponent("key.pem").path }
            var file: String { folder.appendingPathComponent("certificate.pem").path }

            init(names: String) throws {
                folder = FileManager.default.temporaryDirectory.appendingPathComponent("redis-tls-\(UUID().uuidString)")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
                process.arguments = [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=errand-test", "-addext", "subjectAltName=\(names)", "-keyout", key,
                    "-out", file,
                ]
                process.standardError = FileHandle.nullDevice
                try process.run()
                process.waitUntilExit()
                try #require(process.terminationStatus == 0, "the openssl tool could not make a certificate")
            }

            func remove() { try? FileManager.default.removeItem(at: folder) }
        }

        private func server(_ certificate: Certificate, _ arguments: [String] = []) throws -> RedisServer {
            let own = [
                "--tls-cert-file", certificate.file, "--tls-key-file", certificate.key,
                "--tls-ca-cert-file", certificate.file, "--tls-auth-clients", "no",
            ]
            return try RedisServer(own + arguments, usesTLS: true)
        }

        private func client(_ server: RedisServer, host: String, authority: String?) throws -> RedisClient {
            var configuration = try server.configuration("rediss://", host: host, commandTimeout: .seconds(3))
            configuration.certificateAuthorityFile = authority
            return RedisClient(configuration: configuration, logger: TestRedis.logger)
        }

        @Test(arguments: ["localhost", "127.0.0.1"])
        func `commands of every size go over TLS`(host: String) async throws {
            let certificate = try Certificate(names: "DNS:localhost,IP:127.0.0.1")
            defer { certificate.remove() }
            let server = try server(certificate)
            let client = try client(server, host: host, authority: certificate.file)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let bytes = [UInt8](repeating: UInt8(number & 255), count: number * 400)
                        let reply = try await client.send(RedisCommand(["ECHO", RedisWord(bytes)]))
                        #expect(reply.bytes == bytes)
                    }
                }
                try await group.waitForAll()
            }
            server.kill()
            try server.start()
            try await eventually("TLS is back") { await redisError { try await client.ping() } == nil }
        }

        @Test func `all connections to a cluster, those that look for nodes too, are encrypted`() async throws {
            let certificate = try Certificate(names: "DNS:localhost,IP:127.0.0.1")
            defer { certificate.remove() }
            let (busPort, folder) = (try FreePort.choose(), certificate.folder.path)
            let server = try server(
                certificate,
                ["--cluster-enabled", "yes", "--cluster-port", "\(busPort)", "--tls-cluster", "yes", "--dir", folder])
            let direct = try client(server, host: "127.0.0.1", authority: certificate.file)
            _ = try await direct.send(RedisCommand(["CLUSTER", "ADDSLOTSRANGE", 0, 16_383]))
            let url = "rediss+cluster://127.0.0.1:\(server.port)?ca=\(certificate.file)"
            let configuration = try RedisConfiguration(url: url)
            let client = RedisClient(configuration: configuration, logger: TestRedis.logger)
            let subscriber = RedisSubscriber(configuration: configuration, logger: TestRedis.logger)
            let subscription = try await subscriber.subscribe("news")
            _ = try await client.pipeline((0..<100).map { RedisCommand(["SET", "k\($0)", "v"]) })
            _ = try await client.send(RedisCommand(["PUBLISH", "news", "x"]))
            #expect(await subscription.next() == .message(Array("x".utf8)))
        }

        @Test func `a certificate for another name is refused`() async throws {
            let certificate = try Certificate(names: "DNS:elsewhere.test")
            defer { certificate.remove() }
            let server = try server(certificate)
            for host in ["localhost", "127.0.0.1"] {
                let client = try client(server, host: host, authority: certificate.file)
                let error = await redisError { try await client.ping() }
                #expect(error?.label == "connect")
                #expect(error?.description.contains("mismatch") == true, "\(String(describing: error))")
            }
        }

        @Test func `a certificate from an unknown authority is refused`() async throws {
            let certificate = try Certificate(names: "DNS:localhost")
            defer { certificate.remove() }
            let server = try server(certificate)
            let error = await redisError { try await client(server, host: "localhost", authority: nil).ping() }
            #expect(error?.label == "connect")
            #expect(error?.description.contains("certificate") == true, "\(String(describing: error))")
        }

        @Test func `an authority file that is not there is a clear error`() async throws {
            let server = try RedisServer()
            let error = await redisError {
                try await client(server, host: "localhost", authority: "/nonexistent/ca.pem").ping()
            }
            #expect(error?.description.contains("certificate authorities") == true, "\(String(describing: error))")
        }

        @Test func `TLS to a server without TLS fails in time`() async throws {
            let server = try RedisServer()
            let error = await redisError { try await client(server, host: "127.0.0.1", authority: nil).ping() }
            #expect(error?.label == "connect" || error?.label == "timeout")
        }
    }
}
