import Domain
import TestSupport
import Testing

/// Names, wherever they are given.
@Suite(.serialized, .timeLimit(.minutes(4))) struct NameTests {
    private struct Problem: Decodable {
        struct Entry: Decodable, Equatable { var field, message: String }
        var errors: [Entry]
    }
    private struct Named: Decodable { var id, name: String }

    private static let unreadable = ["\u{200B}", "A\u{200B}da", "\u{202E}adA", "A\u{7}da", "\u{3164}", "A\u{E000}da"]

    /// JSON without its characters beyond ASCII, so that what is tried can be read here.
    private static func json(_ name: String) -> String {
        let units = name.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return "\"\(units.joined())\""
    }

    @Test func `the API refuses a name that cannot be read, and says so once`() async throws {
        try await AccountSystem.with { accounts in
            let (_, ada) = try await accounts.person("ada@example.com")
            let made = try await accounts.send("POST", "/companies", #"{"name":" Engines "}"#, ada.access_token)
            let company = try made.decode(Named.self)
            #expect(company.name == "Engines")
            for name in Self.unreadable.map(Self.json) {
                let register = #"{"email":"b@example.com","password":"correct horse battery","name":\#(name)}"#
                for (method, path, body, rule) in [
                    ("POST", "/auth/register", register, NameRule.person),
                    ("PATCH", "/auth/me", #"{"name":\#(name)}"#, .person),
                    ("POST", "/companies", #"{"name":\#(name)}"#, .company),
                    ("PATCH", "/companies/\(company.id)", #"{"name":\#(name)}"#, .company),
                    ("POST", "/keys", #"{"name":\#(name),"scopes":["jobs:read"]}"#, .key),
                ] {
                    let answer = try await accounts.send(method, path, body, ada.access_token)
                    #expect(answer.status == 422, "\(method) \(path) \(name): \(answer.text)")
                    #expect(
                        try answer.decode(Problem.self).errors == [.init(field: "name", message: rule.sentence)],
                        "\(method) \(path) \(name)")
                }
            }
        }
    }

    @Test func `the title of a task has something to see in it, and stays as it was written`() async throws {
        struct Task: Decodable { var title: String }
        try await AccountSystem.with { accounts in
            let (_, ada) = try await accounts.person("ada@example.com")
            for title in ["\u{200B}", "\u{FEFF} \u{200D}", "a\u{202E}b", "a\u{2028}b"] {
                let body = #"{"title":\#(Self.json(title))}"#
                #expect(try await accounts.send("POST", "/tasks", body, ada.access_token).status == 422, "\(body)")
            }
            // A text that was copied from elsewhere may hold such characters.
            let copied = "Read\u{AD}ing \u{200E}list\u{200B}"
            let kept = try await accounts.send(
                "POST", "/tasks", #"{"title":\#(Self.json(copied))}"#, ada.access_token)
            #expect(try kept.decode(Task.self).title.unicodeScalars.elementsEqual(copied.unicodeScalars))
        }
    }

    @Test func `the operators' commands refuse what the API refuses`() async throws {
        try await TestSystem.with { system in
            for name in Self.unreadable {
                let user = try await system.operate("users", "create", "a@example.com", "--mail-link", "--name", name)
                #expect(user.status == 64 && user.output.contains(NameRule.person.sentence), "\(user.output)")
                let key = try await system.operate("keys", "create", name, "--scopes", "jobs:read")
                #expect(key.status == 64 && key.output.contains(NameRule.key.sentence), "\(key.output)")
            }
            #expect(try await system.operate("keys", "create", " ", "--scopes", "jobs:read").status == 64)
            #expect(try await system.count("SELECT count(*) FROM users") == 0)
            #expect(try await system.count("SELECT count(*) FROM api_keys") == 0)
            let user = try await system.operate("users", "create", "a@example.com", "--mail-link", "--name", " Ada ")
            let key = try await system.operate("keys", "create", " cron ", "--scopes", "jobs:read")
            #expect(user.status == 0 && key.status == 0, "\(user.output) \(key.output)")
            #expect(try await system.count("SELECT count(*) FROM users WHERE name = 'Ada'") == 1)
            #expect(try await system.count("SELECT count(*) FROM api_keys WHERE name = 'cron'") == 1)
        }
    }
}
