import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing

/// What strangers do to a gateway, over real sockets.
@Suite(.serialized, .timeLimit(.minutes(5))) struct EdgeTests {
    private static func port(_ client: APIClient) throws -> Int {
        try #require(client.base.split(separator: ":").last.flatMap { Int($0) })
    }

    private static let post = "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test-key-0123456789\r\n"

    @Test func `a head that trickles in is answered with 408 and the connection ends`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["HTTP_HEAD_SECONDS": "2"])
            let port = try Self.port(client)
            let (text, seconds) = try await RawSocket.onThread {
                let socket = try RawSocket(port: port)
                let start = ContinuousClock.now
                socket.send("GET /api/v1/health/live HTTP/1.1\r\n")
                for _ in 0..<10 {
                    usleep(300_000)
                    socket.send("X-A: b\r\n")
                }
                return (socket.readToEnd(within: 10), (ContinuousClock.now - start) / .seconds(1))
            }
            #expect(text?.hasPrefix("HTTP/1.1 408 ") == true)
            #expect(seconds < 7)
        }
    }

    @Test func `who connects and says nothing is not waited for`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["HTTP_HEAD_SECONDS": "2"])
            let port = try Self.port(client)
            let text = try await RawSocket.onThread { try RawSocket(port: port).readToEnd(within: 6) }
            #expect(text?.hasPrefix("HTTP/1.1 408 ") == true)
        }
    }

    @Test func `a body that trickles in is answered with 408 and the connection ends`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["HTTP_BODY_SECONDS": "2"])
            let port = try Self.port(client)
            let text = try await RawSocket.onThread {
                let socket = try RawSocket(port: port)
                socket.send(Self.post + "Content-Length: 1000\r\n\r\n{")
                for _ in 0..<8 {
                    usleep(300_000)
                    socket.send(" ")
                }
                return socket.readToEnd(within: 6)
            }
            #expect(text?.hasPrefix("HTTP/1.1 408 ") == true)
            #expect(try await client.send("GET", "/api/v1/jobs").status == 200)
        }
    }

    @Test func `a body that is too large by its own account is refused unread`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let port = try Self.port(client)
            let start = ContinuousClock.now
            let text = try await RawSocket.onThread {
                let socket = try RawSocket(port: port)
                socket.send(Self.post + "Content-Length: 300000\r\n\r\n")
                return socket.readToEnd(within: 10)
            }
            #expect(text?.hasPrefix("HTTP/1.1 413 ") == true)
            #expect(text?.lowercased().contains("\r\nconnection: close\r\n") == true)
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test func `a body without an end is refused, and what follows is not read for ever`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let port = try Self.port(client)
            let start = ContinuousClock.now
            let text = try await RawSocket.onThread {
                let socket = try RawSocket(port: port)
                socket.send(Self.post + "Transfer-Encoding: chunked\r\n\r\n")
                let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
                var sent = 0
                while socket.send(chunk), sent < 100_000 { sent += 1 }
                return socket.readToEnd(within: 10)
            }
            #expect(ContinuousClock.now - start < .seconds(8))
            #expect(text == nil || text == "" || text?.hasPrefix("HTTP/1.1 413 ") == true, "\(text ?? "")")
        }
    }

    @Test func `the bodies of requests that are refused by their head are not read for ever`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let port = try Self.port(client)
            let start = ContinuousClock.now
            let text = try await RawSocket.onThread {
                let socket = try RawSocket(port: port)
                socket.send("POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
                return socket.readToEnd(within: 10)
            }
            #expect(text?.hasPrefix("HTTP/1.1 401 ") == true)
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test func `a request that names no host, two, or something else is refused with 400`() async throws {
        try await TestSystem.with { system in
            let port = try Self.port(try await system.startGateway().client)
            @Sendable func answer(_ request: String) async throws -> String {
                try await RawSocket.onThread {
                    let socket = try RawSocket(port: port)
                    socket.send(request)
                    return socket.readToEnd(within: 10)
                } ?? "nothing"
            }
            let live = "GET /api/v1/health/live HTTP/1.1\r\n"
            for wrong in ["", "Host: a\r\nHost: b\r\n", "Host: a, b\r\n", "Host: a/b\r\n", "Host: u@a\r\n"] {
                let text = try await answer(live + wrong + "\r\n")
                #expect(text.hasPrefix("HTTP/1.1 400 ") && text.contains("wrong_host"), "\(wrong): \(text)")
            }
            for right in ["Host:\r\n", "Host: [::1]:80\r\n", "Host: a.example\r\n"] {
                let text = try await answer(live + right + "Connection: close\r\n\r\n")
                #expect(text.hasPrefix("HTTP/1.1 200 "), "\(right): \(text)")
            }
            // As a proxy's health check may ask.
            let old = try await answer("GET /api/v1/health/live HTTP/1.0\r\n\r\n")
            #expect(old.contains(" 200 "), "\(old)")
            let other = try await answer("GARBAGE\r\n\r\n")
            #expect(other.hasPrefix("HTTP/1.1 400 ") && other.contains("malformed_request"), "\(other)")
            let broken = Self.post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"
            let chunked = try await answer(broken)
            #expect(chunked.hasPrefix("HTTP/1.1 400 ") && chunked.contains("malformed_request"), "\(chunked)")
            let second = try await answer(live + "Host: x\r\n\r\n" + live + "\r\n")
            #expect(second.hasPrefix("HTTP/1.1 200 "), "the one before it was forgotten: \(second)")
        }
    }

    @Test func `a head that is too large gets 431`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let port = try Self.port(client)
            let text = try await RawSocket.onThread {
                let socket = try RawSocket(port: port)
                let line = "X-A: " + String(repeating: "a", count: 10_000) + "\r\n"
                socket.send("GET / HTTP/1.1\r\nHost: x\r\n" + line + line + line + line + line + "\r\n")
                return socket.readToEnd(within: 10)
            }
            #expect(text?.hasPrefix("HTTP/1.1 431 ") == true, "\(text ?? "nothing")")
        }
    }

    @Test func `who waits to be told to send its body is told when it is wanted, and not when it is not`() async throws
    {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let port = try Self.port(client)
            let body = #"{"kind":"noop"}"#
            let texts = try await RawSocket.onThread {
                let wanted = try RawSocket(port: port)
                wanted.send(Self.post + "Expect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
                let first = String(decoding: wanted.receive(within: 5) ?? [], as: UTF8.self)
                wanted.send(body)
                let second = String(decoding: wanted.receive(within: 5) ?? [], as: UTF8.self)
                let unwanted = try RawSocket(port: port)
                unwanted.send(
                    "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 15\r\n\r\n")
                return [first, second, unwanted.readToEnd(within: 5) ?? ""]
            }
            #expect(texts[0].hasPrefix("HTTP/1.1 100 "))
            #expect(texts[1].hasPrefix("HTTP/1.1 202 "))
            #expect(texts[2].hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test func `who does not read its answers is cut off`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["HTTP_UNREAD_SECONDS": "3"])
            let port = try Self.port(client)
            let whole = try await client.send("GET", "/openapi.json").body.count
            let received = try await RawSocket.onThread {
                let socket = try RawSocket(port: port, receiveBytes: 4_096)
                for _ in 0..<90 { socket.send("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n") }
                sleep(6)
                // What the system had taken still comes, and then the end.
                var received = 0
                while let bytes = socket.receive(within: 2) { received += bytes.count }
                return received
            }
            #expect(received > 0 && received < 90 * whole, "\(received) of \(90 * whole)")
        }
    }

    @Test func `a flood of requests that nobody waits for ends at its limit`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["RATE_LIMIT_KEY": "10/60"])
            let port = try Self.port(client)
            let text = try await RawSocket.onThread {
                let socket = try RawSocket(port: port)
                let request =
                    "GET /api/v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer test-key-0123456789\r\n\r\n"
                socket.send(String(repeating: request, count: 1_000))
                return socket.readToEnd(within: 20) ?? ""
            }
            #expect(text.components(separatedBy: "HTTP/1.1 200 ").count - 1 == 10)
            #expect(text.components(separatedBy: "HTTP/1.1 429 ").count - 1 == 1)
        }
    }

    @Test func `a connection is kept for the next request, and ended when the client says so`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway()
            let port = try Self.port(client)
            let text = try await RawSocket.onThread {
                let socket = try RawSocket(port: port)
                for _ in 0..<3 {
                    socket.send("GET /api/v1/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                    guard let answer = socket.receive(within: 5), answer.starts(with: Array("HTTP/1.1 200".utf8)) else {
                        return "no answer"
                    }
                }
                socket.send("GET /api/v1/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return socket.readToEnd(within: 5) ?? "not closed"
            }
            #expect(text.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `an address has only so many connections, and a proxy more`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["HTTP_MAX_CONNECTIONS_PER_ADDRESS": "5"])
            let (_, proxied) = try await system.startGateway(
                ["HTTP_MAX_CONNECTIONS_PER_ADDRESS": "5", "TRUSTED_PROXIES": "127.0.0.0/8"])
            for (client, expected) in [(client, 5), (proxied, 8)] {
                let port = try Self.port(client)
                let answered = try await RawSocket.onThread {
                    let sockets = try (0..<8).map { _ in try RawSocket(port: port) }
                    return sockets.count { socket in
                        socket.send("GET /api/v1/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                        return socket.receive(within: 5)?.starts(with: Array("HTTP/1.1 200".utf8)) == true
                    }
                }
                #expect(answered == expected)
            }
        }
    }

    @Test func `limits say what is left, and refuse with when to come again`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(["RATE_LIMIT_KEY": "5/60", "RATE_LIMIT_IP": "4/60"])
            for left in [4, 3, 2, 1, 0] {
                let answer = try await client.send("GET", "/api/v1/jobs")
                #expect(answer.status == 200)
                #expect(answer.headers.first("ratelimit-policy") == #""key";q=5;w=60"#)
                #expect(answer.headers.first("ratelimit")?.hasPrefix(#""key";r=\#(left);t="#) == true)
            }
            let refused = try await client.send("GET", "/api/v1/jobs")
            #expect(refused.status == 429)
            let seconds = try #require(refused.headers.first("retry-after").flatMap { Int($0) })
            #expect((1...60).contains(seconds))
            #expect(
                refused.text.contains(##""type":"https://iana.org/assignments/http-problem-types#quota-exceeded""##))
            #expect(refused.text.contains(#""violated-policies":["key"]"#))
            #expect(try await client.send("GET", "/api/v1/health/live").status == 200)
            // The address has been counted for nothing of that, and is now: a bad key is one of its requests.
            let stranger = APIClient(transport: system.transport, base: client.base, key: "not-the-key-0123456789")
            for _ in 0..<4 { #expect(try await stranger.send("GET", "/api/v1/jobs").status == 401) }
            let guessed = try await stranger.send("GET", "/api/v1/jobs")
            #expect(guessed.status == 429 && guessed.text.contains(#""violated-policies":["ip"]"#))
            #expect(try await stranger.send("GET", "/nothing").status == 429)
            #expect(try await stranger.send("GET", "/").status == 200)
        }
    }

    @Test func `only a proxy that is trusted says who the client is`() async throws {
        try await TestSystem.with { system in
            let settings = ["RATE_LIMIT_IP": "1/60"]
            let (_, direct) = try await system.startGateway(settings)
            let (_, proxied) = try await system.startGateway(settings.merging(["TRUSTED_PROXIES": "127.0.0.1"]) { $1 })
            func statuses(_ client: APIClient) async throws -> [Int] {
                let stranger = APIClient(transport: system.transport, base: client.base, key: "x")
                var statuses: [Int] = []
                for (index, forwarded) in ["192.0.2.1", "192.0.2.2", "6.6.6.6, 192.0.2.1"].enumerated() {
                    let headers = [(name: "X-Forwarded-For", value: forwarded)]
                    let answer = try await stranger.send("GET", "/api/v1/jobs?n=\(index)", headers: headers)
                    statuses.append(answer.status)
                }
                return statuses
            }
            #expect(try await statuses(direct) == [401, 429, 429])
            #expect(try await statuses(proxied) == [401, 401, 429])
        }
    }

    @Test func `browsers are told what they may do, of all answers`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway(
                ["CORS_ORIGINS": "https://app.example.com", "TRUSTED_PROXIES": "127.0.0.1"])
            for path in ["/api/v1/jobs", "/api/v1/jobs/x", "/nothing", "/", "/api/v1/health/live"] {
                let answer = try await client.send(
                    "GET", path,
                    headers: [(name: "Origin", value: "https://app.example.com"), ("X-Forwarded-Proto", "https")])
                #expect(answer.headers.first("x-content-type-options") == "nosniff")
                #expect(answer.headers.first("content-security-policy")?.contains("frame-ancestors 'none'") == true)
                #expect(answer.headers.first("strict-transport-security") == "max-age=31536000")
                #expect(answer.headers.first("cache-control") != nil)
                #expect(answer.headers.first("access-control-allow-origin") == "https://app.example.com")
                #expect(answer.headers.first("access-control-allow-credentials") == "true")
                #expect(answer.headers.first("vary") == "Origin")
            }
            let other = try await client.send(
                "GET", "/api/v1/jobs", headers: [(name: "Origin", value: "https://app.example.com.evil.example")])
            #expect(other.headers.first("access-control-allow-origin") == nil)
            #expect(other.headers.first("strict-transport-security") == nil)
            let stranger = APIClient(transport: system.transport, base: client.base, key: "none")
            let preflight = try await stranger.send(
                "OPTIONS", "/api/v1/jobs",
                headers: [
                    (name: "Origin", value: "https://app.example.com"), ("Access-Control-Request-Method", "POST"),
                    ("Access-Control-Request-Headers", "authorization,content-type"),
                ])
            #expect(preflight.status == 204)
            #expect(preflight.headers.first("access-control-allow-methods")?.contains("POST") == true)
            #expect(preflight.headers.first("access-control-allow-headers")?.contains("Authorization") == true)
        }
    }
}
