import Domain
import Foundation
import Postgres
import TestSupport
import Vault

/// Somebody with an account, a company, and one of everything in it.
struct SignedUp: Sendable {
    /// Stands in every name and text that is theirs, so that it is found wherever it shows.
    let mark: String
    var user = UserID.make().description
    var token = ""
    var company = UserID.make().description
    var ids: [String: String] = [:]

    var email: String { "\(mark)@example.com" }
    static let password = "seven brown horses 41"

    /// What must not be in anybody else's answer.
    var secrets: [String] { [mark, user, company] + ids.values }

    /// The id of something of theirs; for nobody, of nothing.
    subscript(_ kind: String) -> String { ids[kind] ?? "" }

    static let kinds = [
        "task", "own_task", "job", "batch", "conversation", "key", "invitation", "session", "schedule",
        "connection", "state", "calendar", "event",
    ]

    /// Looks like somebody and is nobody.
    static func nobody() -> SignedUp {
        var nobody = SignedUp(mark: makeMark())
        for kind in kinds { nobody.ids[kind] = UserID.make().description }
        nobody.ids["schedule"] = makeMark()
        nobody.ids["state"] = RandomSecret.make().text
        return nobody
    }

    private static func makeMark() -> String { "mark" + UserID.make().description.suffix(12) }

    /// What a gateway must be told for `make`.
    static let settings = [
        "AUTH_VERIFICATION": "optional", "MASTER_KEYS": ConnectSystem.masterKeys, "PUBLIC_URL": ConnectSystem.publicURL,
        "GOOGLE_CLIENT_ID": "x", "GOOGLE_CLIENT_SECRET": "x",
    ]

    /// Signs up, and makes what there can be.
    static func make(_ anybody: APIClient) async throws -> SignedUp {
        var person = SignedUp(mark: makeMark())
        let registered = try await person.call(
            anybody, "POST", "/auth/register",
            #"{"email":"\#(person.email)","password":"\#(password)","name":"\#(person.mark)"}"#)
        person.user = try registered.id
        let login = #"{"email":"\#(person.email)","password":"\#(password)"}"#
        person.token = try await person.call(anybody, "POST", "/auth/jwt/login", login).text("access_token")
        let own = person.client(anybody)
        person.company = try await person.call(own, "POST", "/companies", #"{"name":"\#(person.mark)"}"#).id
        let company = [("X-Company-Id", person.company)]
        func make(_ kind: String, _ path: String, _ body: String, _ headers: [(String, String)]) async throws {
            person.ids[kind] = try await person.call(own, "POST", path, body, headers).id
        }
        try await make("task", "/tasks", #"{"title":"\#(person.mark)"}"#, company)
        try await make("own_task", "/tasks", #"{"title":"\#(person.mark)"}"#, [])
        try await make("job", "/jobs", #"{"kind":"noop"}"#, company + [("Idempotency-Key", "the-same-key")])
        try await make("batch", "/batches", #"{"jobs":[{"kind":"noop"}]}"#, company)
        let asked = try await person.call(
            own, "POST", "/chat/messages", #"{"message":"\#(person.mark)"}"#, company)
        person.ids["conversation"] = try asked.text("conversation_id")
        let invited = #"{"email":"guest-\#(person.mark)@example.com","role":"member"}"#
        try await make("invitation", "/companies/\(person.company)/invitations", invited, [])
        let name = person.mark
        person.ids["schedule"] = name
        _ = try await person.call(
            own, "PUT", "/schedules/\(name)", #"{"every_seconds":86400,"job":{"kind":"noop"}}"#, company)
        let list = scopes.map { "\"\($0)\"" }.joined(separator: ",")
        let key = try await person.call(
            own, "POST", "/keys", #"{"name":"\#(name)","scopes":[\#(list)]}"#, company)
        person.ids["key"] = try key.id
        person.ids["secret"] = try key.text("key")
        let sessions = try await person.call(own, "GET", "/auth/sessions")
        person.ids["session"] = try sessions.first("sessions").id
        let visit = try await person.call(own, "POST", "/integrations/google/connect", "{}", company)
        let page = try visit.text("authorization_url")
        person.ids["state"] = page.firstMatch(of: /[?&]state=([A-Za-z0-9_-]+)/).map { String($0.1) }
        return person
    }

    /// A connected account: a worker's work, so it is written as one would write it.
    mutating func connect(_ owner: PostgresPool) async throws {
        let id = ConnectionID.make()
        let insert = Statement(
            "test.connection",
            """
            INSERT INTO connections (id, tenant_id, provider, account_id, account_name)
            VALUES ($1, $2::text::uuid, 'google', $3, $3)
            """)
        _ = try await owner.execute(insert, [.uuid(id.uuid), .text(company), .text(mark)])
        ids["connection"] = id.description
        try await mirror(owner)
    }

    /// A calendar of that account, with one event.
    private mutating func mirror(_ owner: PostgresPool) async throws {
        let id = CalendarID.make()
        let calendar = Statement(
            "test.calendar",
            """
            INSERT INTO calendars (id, tenant_id, connection_id, external_id, title, access_role, state, version)
            VALUES ($1, $2::text::uuid, $3::text::uuid, $4, $4, 'owner', 'ready', 1)
            """)
        _ = try await owner.execute(
            calendar, [.uuid(id.uuid), .text(company), .text(ids["connection"] ?? ""), .text(mark)])
        let event = Statement(
            "test.event",
            """
            INSERT INTO calendar_events (
                tenant_id, calendar_id, event_id, event, first_at, last_at, generation, version)
            SELECT $1::text::uuid, $2, $3, jsonb_build_object(
                'id', $3::text, 'summary', $3::text, 'status', 'confirmed',
                'start', jsonb_build_object('dateTime', '2026-01-05T08:00:00Z'),
                'end', jsonb_build_object('dateTime', '2026-01-05T09:00:00Z')),
                '2026-01-05T08:00:00Z', '2026-01-05T09:00:00Z', 0, 1
            """)
        _ = try await owner.execute(event, [.text(company), .uuid(id.uuid), .text("event" + mark)])
        (ids["calendar"], ids["event"]) = (id.description, "event" + mark)
    }

    private static let scopes = [
        "jobs:read", "jobs:write", "chat:read", "chat:write", "schedules:read", "schedules:write", "tasks:read",
        "tasks:write", "company:read", "company:write", "keys:read", "keys:write", "audit:read",
        "connections:read", "connections:write", "tokens:disclose", "calendars:read", "calendars:write",
    ]

    func client(_ like: APIClient) -> APIClient {
        APIClient(transport: like.transport, base: like.base, key: token)
    }

    private func call(
        _ client: APIClient, _ method: String, _ path: String, _ body: String? = nil,
        _ headers: [(String, String)] = []
    ) async throws -> Fields {
        let answer = try await client.send(
            method, "/api/v1" + path, body: body, headers: headers.map { (name: $0.0, value: $0.1) })
        guard (200..<300).contains(answer.status),
            let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        else { throw Refused(description: "\(method) \(path): \(answer.status) \(answer.text)") }
        return Fields(object: object)
    }

    struct Refused: Error, CustomStringConvertible { let description: String }

    /// The fields of an answer.
    private struct Fields {
        let object: [String: Any]

        var id: String { get throws { try text("id") } }

        func text(_ name: String) throws -> String {
            guard let text = object[name] as? String else { throw Refused(description: "no \(name) in \(object)") }
            return text
        }

        func first(_ name: String) throws -> Fields {
            guard let entry = (object[name] as? [[String: Any]])?.first else {
                throw Refused(description: "no \(name) in \(object)")
            }
            return Fields(object: entry)
        }
    }
}
