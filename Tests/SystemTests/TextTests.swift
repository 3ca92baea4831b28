import Domain
import TestSupport
import Testing

/// Texts with the one character that no text may hold.
@Suite(.serialized, .timeLimit(.minutes(2))) struct TextTests {
    private struct Refusal: Decodable {
        struct Field: Decodable, Equatable {
            var field: String
            var message: String
        }
        var errors: [Field]?
    }

    /// Each with the NUL character in the field that is named behind it.
    private static let requests: [(method: String, path: String, body: String?, field: String)] = [
        ("POST", "/tasks", #"{"title":"a\u0000b"}"#, "title"),
        ("POST", "/tasks", #"{"title":"a","notes":"\u0000"}"#, "notes"),
        ("GET", "/tasks?q=a%00b", nil, "q"),
        ("POST", "/jobs", #"{"kind":"noop","ordering_key":"\u0000"}"#, "ordering_key"),
        ("POST", "/jobs", #"{"kind":"noop","concurrency_key":"a:\u0000"}"#, "concurrency_key"),
        ("POST", "/jobs", #"{"kind":"noop","unique":{"key":"\u0000"}}"#, "unique.key"),
        ("POST", "/jobs", #"{"kind":"noop","payload":{"key":"\u0000"}}"#, "payload.key"),
        ("GET", "/jobs?kind=%00", nil, "kind"),
        ("POST", "/chat/messages", #"{"message":"a\u0000"}"#, "message"),
        ("POST", "/chat/messages", #"{"message":"a","model":"m\u0000"}"#, "model"),
        ("POST", "/companies", #"{"name":"\u0000"}"#, "name"),
        ("POST", "/keys", #"{"name":"a\u0000","scopes":["jobs:read"]}"#, "name"),
        ("PATCH", "/auth/me", #"{"name":"a\u0000"}"#, "name"),
        ("GET", "/audit?action=a%00", nil, "action"),
        ("POST", "/auth/register", #"{"email":"a\u0000@example.com","password":"correct horse"}"#, "email"),
    ]

    @Test func `a text with the NUL character is refused for that, wherever it stands`() async throws {
        try await AccountSystem.with { accounts in
            let token = try await accounts.person("ada@example.com").tokens.access_token
            for request in Self.requests {
                let answer = try await accounts.send(request.method, request.path, request.body, token)
                let refusal: Refusal = try answer.decode()
                let expected = Refusal.Field(field: request.field, message: StoredText.refusal)
                #expect(answer.status == 422 && refusal.errors == [expected], "\(request): \(answer.text)")
            }
        }
    }
}
