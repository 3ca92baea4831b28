import Domain
import Foundation
import HTTPTransport
import TestSupport
import Testing

/// What gateway and worker write, at their most talkative.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LogTests {
    private static let secrets = [
        "test-key-0123456789", "wrong-key-0123456789abcdef", "errand_Zk3v9QmT0aB1cD2eF3gH4iJ5kL6mN7oP",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLWJ5dGVz", "est_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
        "evt_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "correct-horse-battery", "llm-key-0123456789abcdef",
    ]

    /// Asks for all sorts of things with all sorts of credentials.
    private static func exercise(_ client: APIClient, _ system: TestSystem) async throws {
        let job = try await client.ask("say something [[sim: tokens=3]]")
        _ = try await client.end(of: job.id)
        for secret in secrets {
            let stranger = APIClient(transport: system.transport, base: client.base, key: secret)
            _ = try await stranger.send("GET", "/api/v1/jobs?token=\(secret)")
            _ = try await stranger.send(
                "GET", "/verify/\(secret)", headers: [("Cookie", "__Host-errand-session=\(secret)")])
            _ = try await stranger.send(
                "POST", "/api/v1/auth/jwt/login", body: #"{"email":"a@example.com","password":"\#(secret)"}"#)
            _ = try await stranger.send("POST", "/api/v1/auth/refresh", body: #"{"refresh_token":"\#(secret)"}"#)
        }
    }

    @Test(arguments: ["text", "json"]) func `no credential reaches a line of the log`(format: String) async throws {
        try await TestSystem.with { system in
            let settings = ["LOG_FORMAT": format, "LOG_LEVEL": "trace", "LLM_API_KEY": "llm-key-0123456789abcdef"]
            let (gateway, client) = try await system.startGateway(settings)
            let worker = try await system.startWorker(settings)
            try await Self.exercise(client, system)
            for process in [gateway, worker] {
                #expect(process.lines.count > 5, "\(process.name) has said too little")
                for line in process.lines {
                    for secret in Self.secrets { #expect(!line.contains(secret), "\(process.name): \(line)") }
                    guard format == "json" else { continue }
                    let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
                    #expect(object?["time"] != nil && object?["level"] != nil && object?["message"] != nil, "\(line)")
                }
            }
            let refusals = gateway.lines.filter { $0.contains("request refused") }
            #expect(!refusals.isEmpty && (format == "text" || refusals.allSatisfy { $0.contains(#""request_id""#) }))
        }
    }
}
