import Domain
import Foundation
import HTTPTransport
import Jobs
import Postgres
import Store
import TestSupport
import Testing

/// Calendars over real HTTP: the list, and which of them are mirrored.
@Suite(.serialized, .timeLimit(.minutes(4))) struct CalendarAPITests {
    @Test func `the list shows accounts' calendars, and its tag changes with them alone`() async throws {
        try await PlantedCalendars.with { calendars in
            let account = try await calendars.connect()
            let listed = [
                ListedCalendar(id: "b", title: "Team", timeZone: "Asia/Tokyo", accessRole: "reader"),
                ListedCalendar(id: "a", title: "Ada", timeZone: "Europe/Berlin", color: "#0b8043", isPrimary: true),
            ]
            let ids = try await calendars.list(listed, of: account)
            let first = try await calendars.get("/calendars")
            let shown = try #require(try PlantedCalendars.object(first)["calendars"] as? [[String: Any]])
            #expect(shown.map { $0["title"] as? String } == ["Ada", "Team"])
            let ada = shown[0]
            #expect(ada["id"] as? String == ids[1].description && ada["account"] as? String == "ada@example.com")
            #expect(ada["connection_id"] as? String == account.description && ada["color"] as? String == "#0b8043")
            #expect(ada["state"] as? String == "pending" && ada["selected"] as? Bool == true)
            #expect(ada["primary"] as? Bool == true && ada["access_role"] as? String == "owner")
            let tag = try #require(first.headers.first("etag"))
            let same = try await calendars.get("/calendars", [("If-None-Match", tag)])
            #expect(same.status == 304 && same.body.isEmpty && same.headers.first("etag") == tag)

            try await calendars.sync(ids[1], [try .timed("one", "2026-01-05T08:00:00Z")], full: true)
            let second = try await calendars.get("/calendars", [("If-None-Match", tag)])
            #expect(second.status == 200 && second.headers.first("etag") != tag)
            // A sync that finds nothing is no news, though its time is another.
            try await calendars.sync(ids[1], [])
            let known = try #require(second.headers.first("etag"))
            #expect(try await calendars.get("/calendars", [("If-None-Match", known)]).status == 304)
        }
    }

    @Test func `a wait ends when a calendar changes, and with 304 when none does`() async throws {
        try await PlantedCalendars.with { calendars in
            let id = try await calendars.calendar()
            let tag = try #require(try await calendars.get("/calendars").headers.first("etag"))
            let quiet = try await calendars.get("/calendars?wait=1", [("If-None-Match", tag)])
            #expect(quiet.status == 304)
            async let waiting = calendars.get("/calendars?wait=25", [("If-None-Match", tag)])
            // The answer comes with the signal, or with a look a few seconds later: long before the 25 are over.
            try await calendars.sync(id, [try .timed("one", "2026-01-05T08:00:00Z")])
            let started = ContinuousClock.now
            try await calendars.wake()
            let answer = try await waiting
            #expect(answer.status == 200 && answer.headers.first("etag") != tag)
            #expect(ContinuousClock.now - started < .seconds(15))
            // Who has nothing waits for nothing.
            #expect(try await calendars.get("/calendars?wait=25").status == 200)
            #expect(try await calendars.get("/calendars?wait=26").status == 422)
        }
    }

    @Test func `a calendar is chosen at once, and a job does the rest`() async throws {
        try await PlantedCalendars.with { calendars in
            let id = try await calendars.calendar("Work", try .timed("one", "2026-01-05T08:00:00Z"))
            let path = "/api/v1/calendars/\(id)"
            let put = try await calendars.client.send("PATCH", path, body: #"{"selected":false}"#)
            #expect(put.status == 200 && put.text.contains(#""selected":false"#), "\(put.text)")
            #expect(try await calendars.jobs("calendar.sync") == 1)
            let events = try await calendars.get("/events?from=2026-01-01&to=2026-02-01")
            #expect(events.text.contains(#""events":[]"#))
            let sync = try await calendars.client.send("POST", path + "/sync")
            #expect(sync.status == 409 && sync.text.contains("calendar_not_selected"))
            let back = try await calendars.client.send("PATCH", path, body: #"{"selected":true}"#)
            #expect(back.text.contains(#""selected":true"#))
            for wrong in ["{}", #"{"selected":"yes"}"#, #"{"selected":null}"#, "[]"] {
                #expect(try await calendars.client.send("PATCH", path, body: wrong).status == 422, "\(wrong)")
            }
            let nowhere = "/api/v1/calendars/\(CalendarID.make())"
            #expect(try await calendars.client.send("PATCH", nowhere, body: #"{"selected":true}"#).status == 404)
            #expect(try await calendars.client.send("PATCH", "/api/v1/calendars/x", body: "{}").status == 404)
        }
    }

    @Test func `a sync that reads everything is not taken for one that does not`() async throws {
        try await PlantedCalendars.with { calendars in
            let id = try await calendars.calendar()
            let path = "/calendars/\(id)/sync"
            let some = try await calendars.client.post(path, "{}")
            let again = try await calendars.client.post(path, #"{"full":false}"#)
            let full = try await calendars.client.post(path, #"{"full":true}"#)
            #expect(some.id == again.id && full.id != some.id)
            let plain = try await calendars.client.send("POST", "/api/v1" + path)
            #expect(plain.status == 202 && plain.text.contains(#""deduplicated":true"#))
            let keys = "SELECT count(DISTINCT ordering_key) FROM jobs WHERE kind = 'calendar.sync'"
            #expect(try await calendars.system.count(keys) == 1)
            let urgent = "SELECT count(*) FROM jobs WHERE kind = 'calendar.sync' AND priority = 1"
            #expect(try await calendars.system.count(urgent) == 2)
            let wrong = try await calendars.client.send("POST", "/api/v1" + path, body: #"{"full":"yes"}"#)
            #expect(wrong.status == 422)
        }
    }

    @Test func `a person's sync makes urgent, and early, the one in the background that does its work`() async throws {
        try await PlantedCalendars.with { calendars in
            let (id, account) = (try await calendars.calendar(), try await calendars.connect("eve@example.com"))
            let tenant = calendars.system.tenant
            let planted = try [
                SyncCalendar(id).specification(priority: .low),
                ListCalendars(account, isFull: true).specification(priority: .low, start: .after(seconds: 3600)),
            ].map { NewJob(tenant: tenant, specification: $0) }
            let store = JobStore(pool: calendars.pool)
            _ = try await calendars.pool.transaction(settings: JobStore.acting(for: tenant)) {
                try await store.insert(planted, in: $0)
            }
            #expect(try await calendars.client.post("/calendars/\(id)/sync", "{}").id == planted[0].id)
            #expect(try await calendars.client.send("POST", "/api/v1/calendars/sync").status == 202)
            for job in planted {
                let job = try #require(try await store.find(job.id, tenant: tenant))
                #expect(job.priority == .urgent && job.state == .queued, "\(job.kind)")
            }
        }
    }

    @Test func `the lists of accounts that were connected for calendars are read anew`() async throws {
        try await PlantedCalendars.with { calendars in
            func jobs() async throws -> [[String: Any]] {
                let answer = try await calendars.client.send("POST", "/api/v1/calendars/sync")
                #expect(answer.status == 202, "\(answer.text)")
                return try #require(try PlantedCalendars.object(answer)["jobs"] as? [[String: Any]])
            }
            #expect(try await jobs().isEmpty)
            _ = try await calendars.connect("ada@example.com")
            _ = try await calendars.connect("eve@example.com")
            _ = try await calendars.connect("mail@example.com", scopes: ["openid"])
            let made = try await jobs()
            #expect(made.count == 2 && made.allSatisfy { $0["kind"] as? String == "calendar.list" })
            let again = try await jobs()
            #expect(Set(again.map { $0["id"] as? String }) == Set(made.map { $0["id"] as? String }))
        }
    }

    @Test func `a key that reads changes nothing, and one for other things sees nothing`() async throws {
        try await PlantedCalendars.with { calendars in
            let id = try await calendars.calendar()
            let accounts = calendars.connecting.accounts
            let ada = try await calendars.connecting.person("ada@example.com")
            func key(_ scope: String) async throws -> String {
                struct Key: Decodable { var key: String }
                let answer = try await ada.send("POST", "/api/v1/keys", #"{"name":"k","scopes":["\#(scope)"]}"#)
                let key: Key = try answer.decode()
                return key.key
            }
            let (reads, other) = (try await key("calendars:read"), try await key("jobs:read"))
            for path in [
                "/calendars", "/events/next", "/events?from=2026-01-01&to=2026-01-02",
                "/free-busy?from=2026-01-01&to=2026-01-02",
            ] {
                #expect(try await accounts.send("GET", path, nil, reads).status == 200, "\(path)")
                #expect(try await accounts.send("GET", path, nil, other).status == 403, "\(path)")
            }
            for (method, path) in [
                ("POST", "/calendars/sync"), ("PATCH", "/calendars/\(id)"), ("POST", "/calendars/\(id)/sync"),
                ("POST", "/calendars/\(id)/events"), ("PATCH", "/calendars/\(id)/events/one"),
                ("DELETE", "/calendars/\(id)/events/one"),
            ] { #expect(try await accounts.send(method, path, "{}", reads).status == 403, "\(method) \(path)") }
            // Another tenant's calendar is none.
            #expect(try await accounts.send("GET", "/calendars/\(id)/changes", nil, reads).status == 404)
        }
    }

    @Test func `the sweep is started with a service key`() async throws {
        try await PlantedCalendars.with { calendars in
            let accounts = calendars.connecting.accounts
            let key = "service-key-0123456789"
            let first = try await accounts.send("POST", "/sweeps/calendars", nil, key)
            #expect(first.status == 202 && first.text.contains("sweep.calendars"), "\(first.text)")
            #expect(try await accounts.send("POST", "/sweeps/calendars", nil, key).text.contains("deduplicated"))
            #expect(try await accounts.send("POST", "/sweeps/calendars", nil, accounts.client.key).status == 403)
        }
    }

    @Test func `where no accounts can be connected there are no calendars`() async throws {
        try await TestSystem.with { system in
            let client = try await system.startGateway().client
            let id = CalendarID.make()
            for (method, path, body) in [
                ("GET", "/calendars", nil), ("GET", "/events?from=2026-01-01&to=2026-01-02", nil),
                ("GET", "/events/next", nil), ("GET", "/free-busy?from=2026-01-01&to=2026-01-02", nil),
                ("GET", "/calendars/\(id)/changes", nil), ("GET", "/calendars/\(id)/export.ics", nil),
                ("GET", "/calendars/\(id)/events/x", nil), ("POST", "/calendars/sync", nil),
                ("POST", "/calendars/\(id)/sync", nil), ("PATCH", "/calendars/\(id)", #"{"selected":true}"#),
                ("DELETE", "/calendars/\(id)/events/x", nil), ("POST", "/webhooks/google/calendar", nil),
            ] {
                let answer = try await client.send(method, "/api/v1" + path, body: body)
                #expect(answer.status == 404 && answer.text.contains("connections_off"), "\(method) \(path)")
            }
        }
    }
}
