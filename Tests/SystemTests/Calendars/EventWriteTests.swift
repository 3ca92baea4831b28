import Domain
import Foundation
import HTTPTransport
import Jobs
import Postgres
import Store
import TestSupport
import Testing

/// Changes of events, over real HTTP: a job for each, and nothing else.
@Suite(.serialized, .timeLimit(.minutes(4))) struct EventWriteTests {
    private static let lunch = """
        {"summary":"Lunch","start":{"dateTime":"2026-12-01T12:00:00","timeZone":"Europe/Berlin"},\
        "end":{"dateTime":"2026-12-01T13:00:00+01:00","timeZone":"Europe/Berlin"},"notify":"all"}
        """

    /// The command that a job carries.
    private static func command(_ id: JobID, _ calendars: PlantedCalendars) async throws -> WriteEvent {
        let statement = Statement(
            "test.payload", "SELECT payload::text FROM jobs WHERE id = $1 AND kind = 'calendar.write'")
        let row = try #require(try await calendars.system.owner.query(statement, [.uuid(id.uuid)]).first)
        return try WriteEvent.decode(Array(try row.text(0).utf8))
    }

    @Test func `a new event is a job, once for one Idempotency-Key`() async throws {
        try await PlantedCalendars.with { calendars in
            let id = try await calendars.calendar()
            let path = "/api/v1/calendars/\(id)/events"
            let key = [(name: "Idempotency-Key", value: "lunch-1")]
            let made = try await calendars.client.send("POST", path, body: Self.lunch, headers: key)
            try #require(made.status == 202, "\(made.text)")
            let job: APIClient.JobView = try made.decode()
            #expect(made.headers.first("location") == "/api/v1/jobs/\(job.id)")
            let command = try await Self.command(job.id, calendars)
            #expect(command.change == .create && command.event == nil && command.calendar == id)
            let noon = try #require(RFC3339.date("2026-12-01T11:00:00Z"))
            #expect(command.draft?.start == .time(noon, zone: "Europe/Berlin") && command.notice == .all)
            let again = try await calendars.client.send("POST", path, body: Self.lunch, headers: key)
            #expect(again.headers.first("idempotency-replayed") == "true" && again.text.contains("\(job.id)"))
            let other = try await calendars.client.send(
                "POST", path, body: Self.lunch.replacing("Lunch", with: "Dinner"), headers: key)
            #expect(other.status == 422 && other.text.contains("idempotency_key_reused"))
            #expect(try await calendars.jobs("calendar.write") == 1)
        }
    }

    @Test func `a change and a deletion name their version, and go one after the other`() async throws {
        try await PlantedCalendars.with { calendars in
            let id = try await calendars.calendar("Work", try .timed("abc", "2026-01-05T08:00:00Z"))
            let path = "/api/v1/calendars/\(id)/events/abc"
            let shown = try await calendars.client.send("GET", path)
            #expect(shown.status == 200 && shown.headers.first("etag") == "\"3\"", "\(shown.text)")
            let version = [(name: "If-Match", value: "\"3\"")]
            let patched = try await calendars.client.send(
                "PATCH", path, body: #"{"summary":"x","location":null}"#, headers: version)
            try #require(patched.status == 202, "\(patched.text)")
            let change = try await Self.command((try patched.decode() as APIClient.JobView).id, calendars)
            #expect(change.change == .update && change.event == "abc" && change.ifMatch == "\"3\"")
            #expect(change.draft?.cleared == ["location"] && change.draft?.summary == "x" && change.notice == .none)
            let deleted = try await calendars.client.send(
                "DELETE", path + "?notify=externalOnly", headers: [("If-Match", "*")])
            let end = try await Self.command((try deleted.decode() as APIClient.JobView).id, calendars)
            #expect(end.change == .delete && end.ifMatch == nil && end.draft == nil && end.notice == .externalOnly)
            let keys = "SELECT count(DISTINCT ordering_key) FROM jobs WHERE kind = 'calendar.write'"
            #expect(try await calendars.system.count(keys) == 1)
            // One that is not mirrored yet may be there all the same.
            let fresh = "/api/v1/calendars/\(id)/events/abc_20260105T080000Z"
            #expect(try await calendars.client.send("GET", fresh).status == 404)
            #expect(try await calendars.client.send("DELETE", fresh).status == 202)
        }
    }

    @Test func `one key for a change and a deletion is one for two requests`() async throws {
        try await PlantedCalendars.with { calendars in
            let path = "/api/v1/calendars/\(try await calendars.calendar())/events/abc"
            let key = (name: "Idempotency-Key", value: "k")
            #expect(try await calendars.client.send("DELETE", path, headers: [key]).status == 202)
            #expect(try await calendars.client.send("DELETE", path, headers: [key]).status == 202)
            for (method, query, body, more) in [
                ("PATCH", "", #"{"summary":"x"}"#, []), ("DELETE", "?notify=all", nil, []),
                ("DELETE", "", nil, [(name: "If-Match", value: "\"1\"")]),
            ] as [(String, String, String?, [(name: String, value: String)])] {
                let answer = try await calendars.client.send(method, path + query, body: body, headers: [key] + more)
                #expect(answer.status == 422, "\(method) \(query) \(answer.text)")
            }
        }
    }

    @Test func `a calendar that may only be read, or not at all, takes no change`() async throws {
        try await PlantedCalendars.with { calendars in
            let (reads, lost) = (
                try await calendars.calendar("R", role: "reader"), try await calendars.calendar("L")
            )
            try await calendars.lose(lost)
            for (id, status, code) in [(reads, 403, "calendar_read_only"), (lost, 409, "calendar_unavailable")] {
                let path = "/api/v1/calendars/\(id)/events"
                for (method, end, body) in [
                    ("POST", "", Self.lunch), ("PATCH", "/abc", #"{"summary":"x"}"#), ("DELETE", "/abc", nil),
                ] {
                    let answer = try await calendars.client.send(method, path + end, body: body)
                    #expect(answer.status == status && answer.text.contains(code), "\(method): \(answer.text)")
                }
            }
            let shared = try await calendars.calendar("W", role: "writer")
            let made = try await calendars.client.send("POST", "/api/v1/calendars/\(shared)/events", body: Self.lunch)
            #expect(made.status == 202)
            #expect(try await calendars.jobs("calendar.write") == 1)
        }
    }

    @Test func `mistakes are named field by field, and make no job`() async throws {
        try await PlantedCalendars.with { calendars in
            let path = "/api/v1/calendars/\(try await calendars.calendar())/events"
            let wrong = try await calendars.client.send(
                "POST", path, body: #"{"start":{"date":"x"},"summary":"a","attendees":["no"],"notify":"me"}"#)
            let problem = try PlantedCalendars.object(wrong)
            let fields = (problem["errors"] as? [[String: String]] ?? []).compactMap { $0["field"] }
            #expect(wrong.status == 422 && fields == ["start.date", "notify", "end", "attendees"], "\(wrong.text)")
            for (method, end, body, version) in [
                ("POST", "", "[]", nil), ("POST", "", #"{"summary":5}"#, nil), ("PATCH", "/abc", "{}", nil),
                ("PATCH", "/abc", #"{"summary":"x"}"#, "3"), ("DELETE", "/abc?notify=me", nil, nil),
                ("DELETE", "/abc", nil, "W/\"3\""),
            ] {
                let headers = version.map { [(name: "If-Match", value: $0)] } ?? []
                let answer = try await calendars.client.send(method, path + end, body: body, headers: headers)
                #expect(answer.status == 422, "\(method) \(body ?? "") \(answer.text)")
            }
            #expect(try await calendars.client.send("POST", path, body: "{").status == 400)
            let long = path + "/" + String(repeating: "x", count: 1_025)
            #expect(try await calendars.client.send("DELETE", long).status == 404)
            #expect(try await calendars.jobs("calendar.write") == 0)
        }
    }
}
