import Domain
import HTTPTransport
import TestSupport
import Testing

/// Followers that never read: they hold a connection, a place and what is written for them, but not for long.
@Suite(.serialized, .timeLimit(.minutes(3))) struct UnreadStreamTests {
    /// The gateway's count of open streams, as its metrics tell.
    private func openStreams(_ gateway: ServerProcess, _ system: TestSystem) async throws -> String? {
        let line = await gateway.line { $0.contains("metrics server listens") }
        let port = try #require(line?.firstMatch(of: /port=([0-9]+)/)?.1)
        let response = try await system.transport.send(HTTPRequest(url: "http://127.0.0.1:\(port)/metrics"))
        let page = String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
        return page.firstMatch(of: /errand_http_streams_open ([0-9]+)/).map { String($0.1) }
    }

    @Test func `a follower that never reads is cut off while the job goes on, and gives its place back`() async throws {
        try await TestSystem.with { system in
            let (gateway, client) = try await system.startGateway([
                "HTTP_UNREAD_SECONDS": "2", "STREAMS_PER_CALLER": "1", "METRICS_ADDRESS": "127.0.0.1:0",
            ])
            _ = try await system.startWorker()
            let port = try #require(client.base.split(separator: ":").last.flatMap { Int($0) })
            let job = try await client.post("/jobs", #"{"kind":"noop","payload":{"sleep_ms":60000,"emit":1000}}"#)
            let path = "/api/v1/jobs/\(job.id)/events"
            let follow = "GET \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(client.key)\r\n\r\n"
            let socket = try await RawSocket.onThread {
                let socket = try RawSocket(port: port, receiveBytes: 2_048)
                socket.send(follow)
                return socket
            }
            while try await openStreams(gateway, system) != "1" { try await Task.sleep(for: .milliseconds(20)) }
            let waiting = "/api/v1/jobs/\(job.id)?wait=1"
            #expect(try await client.send("GET", waiting).status == 429, "the place is not taken")
            while try await openStreams(gateway, system) != "0" { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try await client.job(job.id).state == .running, "the stream has ended by itself")
            #expect(try await client.send("GET", waiting).status == 200, "the place is taken for ever")
            let received = try #require(try await RawSocket.onThread { socket.readToEnd(within: 10) })
            #expect(received.contains("event: delta") && !received.contains("event: end"))
            _ = try await client.send("POST", "/api/v1/jobs/\(job.id)/cancel")
            #expect(try await client.end(of: job.id).state == .cancelled)
        }
    }
}
