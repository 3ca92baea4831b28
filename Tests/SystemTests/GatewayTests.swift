import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing

@Suite(.serialized) struct GatewayTests {
    private struct Problem: Decodable {
        var status: Int
        var code: String
        var request_id: String
    }

    @Test func `bad input gets a clear problem and makes nothing`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let cases: [(String, String, String?, Int, String)] = [
                ("POST", "/jobs", "{", 400, "malformed_request"),
                ("POST", "/jobs", "", 400, "malformed_request"),
                ("POST", "/jobs", "[]", 422, "invalid_request"),
                ("POST", "/jobs", "{}", 422, "invalid_request"),
                ("POST", "/jobs", #"{"kind":"rm -rf"}"#, 422, "invalid_request"),
                ("POST", "/jobs", #"{"kind":"noop","payload":{"sleep_ms":"x"}}"#, 422, "invalid_request"),
                ("POST", "/jobs", #"{"kind":"noop","payload":{"emit":100000}}"#, 422, "invalid_request"),
                ("POST", "/jobs", #"{"kind":"noop","queue":"No Queue"}"#, 422, "invalid_request"),
                ("POST", "/jobs", #"{"kind":"noop","payload":{"key":"a\u0000"}}"#, 422, "invalid_request"),
                ("POST", "/chat/messages", #"{"message":" \n "}"#, 422, "invalid_request"),
                ("POST", "/chat/messages", #"{"message":"a\u0000b"}"#, 422, "invalid_request"),
                ("POST", "/chat/messages", #"{"message":7}"#, 422, "invalid_request"),
                ("POST", "/chat/messages", #"{"message":"x","conversation_id":"nope"}"#, 422, "invalid_request"),
                ("POST", "/chat/messages", #"{"message":"x","conversation_id":"\#(JobID.make())"}"#, 404, "not_found"),
                (
                    "POST", "/chat/messages", #"{"message":"\#(String(repeating: "x", count: 300_000))"}"#, 413,
                    "body_too_large"
                ),
                ("GET", "/jobs/nope", nil, 404, "not_found"),
                ("GET", "/jobs/\(JobID.make())", nil, 404, "not_found"),
                ("GET", "/jobs/\(JobID.make())/events", nil, 404, "not_found"),
                ("POST", "/jobs/\(JobID.make())/cancel", nil, 404, "not_found"),
                ("GET", "/jobs?limit=0", nil, 422, "invalid_request"),
                ("GET", "/jobs?limit=x", nil, 422, "invalid_request"),
                ("GET", "/jobs?state=dead", nil, 422, "invalid_request"),
                ("GET", "/jobs?cursor=x", nil, 422, "invalid_request"),
                ("GET", "/jobs/\(JobID.make())?wait=61", nil, 422, "invalid_request"),
                ("GET", "/chat/conversations/\(JobID.make())/messages", nil, 404, "not_found"),
                ("GET", "/nothing", nil, 404, "not_found"),
                ("DELETE", "/jobs", nil, 405, "method_not_allowed"),
            ]
            for (method, path, body, status, code) in cases {
                let answer = try await client.send(method, "/api/v1" + path, body: body)
                #expect(answer.status == status, "\(method) \(path): \(answer.text)")
                let problem: Problem = try answer.decode()
                #expect(problem.code == code && problem.status == status, "\(method) \(path): \(answer.text)")
                #expect(answer.headers.first("content-type") == "application/problem+json")
                #expect(answer.headers.first("x-request-id") == problem.request_id)
            }
            #expect(try await system.count("SELECT count(*) FROM jobs") == 0)
            #expect(try await system.count("SELECT count(*) FROM conversations") == 0)
        }
    }

    @Test func `nothing is open without a key but health and the page`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let stranger = APIClient(transport: system.transport, base: client.base, key: "not-the-key-0123456789")
            for path in ["/jobs", "/jobs/\(JobID.make())", "/jobs/\(JobID.make())/events", "/chat/conversations"] {
                let answer = try await stranger.send("GET", "/api/v1" + path)
                #expect(answer.status == 401)
                #expect(answer.headers.first("www-authenticate") != nil)
            }
            #expect(try await stranger.send("POST", "/api/v1/jobs", body: #"{"kind":"noop"}"#).status == 401)
            for path in ["/", "/health", "/api/v1/health/live", "/api/v1/health/ready"] {
                #expect(try await stranger.send("GET", path).status == 200, "\(path)")
            }
        }
    }

    @Test func `ready says which dependency is missing`() async throws {
        let redis = try PrivateRedis()
        let server = try await redis.start()
        try await TestSystem.with(redisURL: redis.url) { system in
            let (_, client) = try await system.startGateway()
            #expect(try await client.send("GET", "/api/v1/health/ready").status == 200)
            await server.killNow()
            let answer = try await client.send("GET", "/api/v1/health/ready")
            #expect(answer.status == 503)
            #expect(answer.text.contains(#""redis":{"status":"missing"}"#))
            #expect(answer.text.contains(#""postgres":{"status":"ok"}"#))
            // Without Redis a job is accepted all the same: its row is what counts.
            #expect(try await client.send("POST", "/api/v1/jobs", body: #"{"kind":"noop"}"#).status == 202)
            #expect(try await client.send("GET", "/health").status == 200)
        }
    }

    @Test func `waiting answers at once when the job has ended, when it ends, and when the time is over`() async throws
    {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            _ = try await system.startWorker()
            let quick = try await client.post("/jobs", #"{"kind":"noop"}"#)
            #expect(try await client.end(of: quick.id).state == .succeeded)
            var clock = ContinuousClock.now
            _ = try await client.send("GET", "/api/v1/jobs/\(quick.id)?wait=20")
            #expect(ContinuousClock.now - clock < .seconds(2))
            let slow = try await client.post("/jobs", #"{"kind":"noop","payload":{"sleep_ms":1500}}"#)
            clock = .now
            let early: APIClient.JobView = try await client.send("GET", "/api/v1/jobs/\(slow.id)?wait=1").decode()
            #expect(early.state == .running)
            #expect(ContinuousClock.now - clock >= .seconds(1))
            let late: APIClient.JobView = try await client.send("GET", "/api/v1/jobs/\(slow.id)?wait=30").decode()
            #expect(late.state == .succeeded)
            #expect(ContinuousClock.now - clock < .seconds(10))
        }
    }

    @Test func `one idempotency key is one message, quoted or not`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            func ask(_ key: String, _ message: String) async throws -> APIClient.Answer {
                try await client.send(
                    "POST", "/api/v1/chat/messages", body: #"{"message":"\#(message)"}"#,
                    headers: [(name: "Idempotency-Key", value: key)])
            }
            let first: APIClient.JobView = try await ask("k1", "hello").decode()
            let answer = try await ask("\"k1\"", "hello")
            let second: APIClient.JobView = try answer.decode()
            #expect(answer.status == 202 && answer.headers.first("idempotency-replayed") == "true")
            #expect(first.id == second.id && first.conversation_id == second.conversation_id)
            #expect(try await ask("k1", "other").status == 422)
            #expect(try await ask("has space", "x").status == 422)
            #expect(try await system.count("SELECT count(*) FROM messages") == 1)
        }
    }

    @Test func `lists come in pages that miss nothing`() async throws {
        try await TestSystem.with { system in
            struct Page: Decodable {
                var jobs: [APIClient.JobView]
                var next_cursor: String?
            }
            let (_, client) = try await system.startGateway()
            var made: [JobID] = []
            for _ in 0..<23 { made.append(try await client.post("/jobs", #"{"kind":"noop"}"#).id) }
            var listed: [JobID] = []
            var cursor: String?
            repeat {
                let more = cursor.map { "&cursor=\($0)" } ?? ""
                let page: Page = try await client.send("GET", "/api/v1/jobs?limit=5&state=queued\(more)").decode()
                listed += page.jobs.map(\.id)
                cursor = page.next_cursor
            } while cursor != nil
            #expect(listed == made.reversed())
        }
    }

    @Test func `configuration that is wrong is refused with every mistake named`() async throws {
        let gateway = try ServerProcess(
            "gateway",
            environment: ["DATABASE_URL": "", "API_KEYS": "short", "HTTP_PORT": "99999", "LOG_LEVEL": "loud"])
        #expect(await gateway.exit() == 78)
        let text = gateway.lines.joined(separator: "\n")
        for variable in ["DATABASE_URL", "API_KEYS", "HTTP_PORT", "LOG_LEVEL"] { #expect(text.contains(variable)) }
        #expect(!text.contains("short"))
        let worker = try ServerProcess("worker", ["run", "--queues", "Bad Queue"])
        #expect(await worker.exit() == 64)
    }
}
