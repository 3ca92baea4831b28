import Domain
import Foundation
import HTTPTransport
import Postgres
import TestSupport
import Testing

/// A gateway that can do no more: the table of jobs is locked, so that whatever it works on stays.
@Suite(.serialized, .timeLimit(.minutes(3))) struct OverloadTests {
    private static let lock = Statement("test.lock", "LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
    private static let places = 64

    /// Answers to so many requests at once. The table is locked until so many were refused, or a time has passed.
    private func answers(
        _ count: Int, _ system: TestSystem, _ client: APIClient, untilRefused refusals: Int = .max, or limit: Duration
    ) async throws -> [APIClient.Answer] {
        let (refused, refusal) = AsyncStream.makeStream(of: Void.self)
        let (locked, isLocked) = AsyncStream.makeStream(of: Void.self)
        return try await withThrowingTaskGroup(of: APIClient.Answer?.self) { group in
            group.addTask {
                try await system.owner.transaction { transaction in
                    try await transaction.execute(Self.lock)
                    isLocked.finish()
                    let timer = Task {
                        try? await Task.sleep(for: limit)
                        refusal.finish()
                    }
                    var left = refusals
                    for await _ in refused {
                        left -= 1
                        if left == 0 { break }
                    }
                    timer.cancel()
                }
                return nil
            }
            for await _ in locked {}
            for _ in 0..<count {
                group.addTask {
                    let answer = try await client.send("POST", "/api/v1/jobs", body: #"{"kind":"noop"}"#)
                    if answer.status == 503 { refusal.yield() }
                    return answer
                }
            }
            return try await group.reduce(into: [APIClient.Answer]()) { if let answer = $1 { $0.append(answer) } }
        }
    }

    @Test func `what finds no place waits for a second, then is told when to come again; nothing accepted is lost`()
        async throws
    {
        try await TestSystem.with { system in
            let settings = ["HTTP_MAX_REQUESTS": "\(Self.places)", "DATABASE_POOL_SIZE": "4"]
            let (_, client) = try await system.startGateway(settings)
            let found = try await answers(160, system, client, untilRefused: 20, or: .seconds(20))
            let refused = found.filter { $0.status == 503 }
            #expect(refused.count >= 20 && refused.count <= 160 - Self.places, "\(refused.count)")
            #expect(refused.allSatisfy { $0.headers.first("retry-after") == "1" && $0.text.contains("overloaded") })
            let usual = try await client.send("GET", "/nothing")
            for name in EdgeAnswerTests.constant {
                #expect(refused.allSatisfy { $0.headers.first(name) == usual.headers.first(name) }, "\(name)")
            }
            #expect(refused.allSatisfy { $0.headers.first("date")?.hasSuffix(" GMT") == true })
            #expect(found.count { $0.status == 202 } == 160 - refused.count)
            #expect(try await system.count("SELECT count(*) FROM jobs") == 160 - refused.count)
            #expect(try await client.send("GET", "/api/v1/health/live").status == 200)
        }
    }

    @Test func `what finds no place is done when there is one soon`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["HTTP_MAX_REQUESTS": "\(Self.places)"])
            let port = try #require(client.base.split(separator: ":").last.flatMap { Int($0) })
            let post = """
                POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(client.key)\r\n\
                Content-Length: 15\r\n\r\n{"kind":"noop"}
                """
            // One says at once that it sends no more: that is no going away.
            async let halfClosed = RawSocket.onThread {
                usleep(100_000)
                let socket = try RawSocket(port: port)
                socket.send(post)
                socket.closeOutput()
                return socket.readToEnd(within: 10)
            }
            let found = try await answers(160, system, client, or: .milliseconds(400))
            #expect(found.count == 160 && found.allSatisfy { $0.status == 202 })
            #expect(try await halfClosed?.hasPrefix("HTTP/1.1 202 ") == true)
            #expect(try await system.count("SELECT count(*) FROM jobs") == 161)
        }
    }
}
