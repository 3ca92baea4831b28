import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing

/// Answers that no route and no middleware gives: they say what all others say.
@Suite(.serialized, .timeLimit(.minutes(2))) struct EdgeAnswerTests {
    /// An answer as it came over the wire.
    struct WireAnswer {
        let status: Int
        let fields: [String: String]

        init?(_ text: String?) {
            guard let text, let end = text.range(of: "\r\n\r\n") else { return nil }
            let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
            guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
                return nil
            }
            self.status = status
            let pairs = lines.dropFirst().compactMap { line -> (String, String)? in
                let parts = line.split(separator: ":", maxSplits: 1)
                return parts.count == 2 ? (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces)) : nil
            }
            fields = Dictionary(pairs) { "\($0), \($1)" }
        }
    }

    /// What every answer says, but for the date and the id, which are its own.
    static let constant = [
        "content-security-policy", "cache-control", "x-content-type-options", "referrer-policy",
        "cross-origin-resource-policy", "cross-origin-opener-policy", "permissions-policy", "vary",
    ]

    private static let origin = "https://app.example.com"
    private static let slow =
        "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nOrigin: \(origin)\r\nX-Forwarded-Proto: https\r\n"
        + "Authorization: Bearer test-key-0123456789\r\nContent-Length: 9\r\n\r\n{"
    private static let tooLarge = "GET / HTTP/1.1\r\nHost: x\r\nX-A: \(String(repeating: "a", count: 40_000))\r\n\r\n"

    private static func port(_ client: APIClient) throws -> Int {
        try #require(client.base.split(separator: ":").last.flatMap { Int($0) })
    }

    private static func answer(_ port: Int, _ request: String) async throws -> WireAnswer {
        let text = try await RawSocket.onThread {
            let socket = try RawSocket(port: port)
            socket.send(request)
            return socket.readToEnd(within: 20)
        }
        return try #require(WireAnswer(text), "\(text ?? "nothing")")
    }

    private static func check(_ answer: WireAnswer, _ status: Int, like usual: APIClient.Answer) throws {
        #expect(answer.status == status)
        for name in constant {
            #expect(answer.fields[name] == usual.headers.first(name), "\(name) of \(status)")
        }
        let date = try #require(answer.fields["date"], "\(status) has no date")
        #expect(date.wholeMatch(of: /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/) != nil, "\(date)")
        #expect(answer.fields["x-request-id"] != nil && answer.fields["connection"] == "close")
    }

    @Test func `what never becomes a request is answered with the headers of all others`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway([
                "HTTP_HEAD_SECONDS": "1", "HTTP_BODY_SECONDS": "1", "CORS_ORIGINS": Self.origin,
                "TRUSTED_PROXIES": "127.0.0.1",
            ])
            let port = try Self.port(client)
            let usual = try await client.send("GET", "/nothing")
            for (request, status) in [
                ("", 408), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400), ("GARBAGE\r\n\r\n", 400),
                (Self.tooLarge, 431),
            ] {
                try Self.check(try await Self.answer(port, request), status, like: usual)
            }
            // A page of another origin can read why, and what came encrypted stays so.
            let slow = try await Self.answer(port, Self.slow)
            try Self.check(slow, 408, like: usual)
            #expect(slow.fields["access-control-allow-origin"] == Self.origin)
            #expect(slow.fields["strict-transport-security"] == "max-age=31536000")
        }
    }

    @Test func `who has too many connections is told so with the headers of all others`() async throws {
        try await TestSystem.with { system in
            let (_, client) = try await system.startGateway([
                "HTTP_MAX_CONNECTIONS_PER_ADDRESS": "4", "HTTP_HEAD_SECONDS": "2",
            ])
            let port = try Self.port(client)
            // Keeps its connection: three are left.
            let usual = try await client.send("GET", "/nothing")
            let texts = try await RawSocket.onThread {
                let sockets = try (0..<5).map { _ in try RawSocket(port: port) }
                return sockets.map { $0.readToEnd(within: 20) }
            }
            let answers = texts.compactMap { WireAnswer($0) }
            #expect(answers.map(\.status).sorted() == [408, 408, 408, 503, 503])
            for answer in answers { try Self.check(answer, answer.status, like: usual) }
        }
    }
}
