import Domain
import HTTPTransport
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct MethodTests {
    @Test func `a path says which methods it takes`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let id = JobID.make()
            let cases = [
                ("DELETE", "/api/v1/jobs", "GET, HEAD, POST, OPTIONS"),
                ("PUT", "/api/v1/jobs/\(id)", "GET, HEAD, OPTIONS"),
                ("GET", "/api/v1/jobs/\(id)/cancel", "POST, OPTIONS"), ("GET", "/api/v1/jobs/cancel", "POST, OPTIONS"),
                ("PATCH", "/api/v1/schedules/x", "GET, HEAD, PUT, DELETE, OPTIONS"),
                ("POST", "/", "GET, HEAD, OPTIONS"),
                ("TRACE", "/api/v1/batches", "POST, OPTIONS"), ("POST", "/api/v1/health/live", "GET, HEAD, OPTIONS"),
            ]
            for (method, path, allow) in cases {
                let answer = try await client.send(method, path)
                #expect(answer.status == 405, "\(method) \(path): \(answer.status)")
                #expect(answer.headers.first("allow") == allow, "\(method) \(path)")
                #expect(answer.headers.first("content-type") == "application/problem+json")
                let options = try await client.send("OPTIONS", path)
                #expect(options.status == 204 && options.headers.first("allow") == allow)
            }
            #expect(try await client.send("DELETE", "/nothing").status == 404)
        }
    }

    @Test func `HEAD answers as GET does, without the body`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            for path in ["/api/v1/jobs", "/api/v1/health/live", "/", "/assets/page.css", "/api/v1/jobs/nope"] {
                let get = try await client.send("GET", path)
                let head = try await client.send("HEAD", path)
                #expect(head.status == get.status && head.body.isEmpty)
                #expect(head.headers.first("content-type") == get.headers.first("content-type"))
            }
        }
    }

    @Test func `what is to go says so`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let old = try await client.send("GET", "/health")
            #expect(old.status == 200)
            #expect(old.headers.first("deprecation") == "@1795219200")
            #expect(old.headers.first("sunset") == "Sun, 21 Nov 2027 00:00:00 GMT")
            #expect(old.headers.first("link") == #"</api/v1/health/live>; rel="successor-version""#)
            #expect(try await client.send("GET", "/api/v1/health/live").headers.first("deprecation") == nil)
        }
    }

    @Test func `a caller has only so many streams`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["STREAMS_PER_CALLER": "2"])
            let job = try await client.post("/jobs", #"{"kind":"noop"}"#)
            async let first = client.send("GET", "/api/v1/jobs/\(job.id)?wait=3")
            async let second = client.send("GET", "/api/v1/jobs/\(job.id)?wait=3")
            async let third = client.send("GET", "/api/v1/jobs/\(job.id)?wait=3")
            let statuses = try await [first.status, second.status, third.status]
            #expect(statuses.sorted() == [200, 200, 429])
            #expect(try await client.send("GET", "/api/v1/jobs/\(job.id)?wait=1").status == 200)
        }
    }
}
