import Domain
import Foundation
import Providers
import Testing

@Suite(.timeLimit(.minutes(1))) struct GoogleCalendarTests {
    private static let event = #"""
        {"kind":"calendar#event","etag":"\"33\"","id":"e1","status":"confirmed","summary":"Standup",
         "htmlLink":"https://www.google.com/calendar/event?eid=x","created":"2026-01-01T08:00:00.000Z",
         "updated":"2026-01-02T08:00:00.123Z","creator":{"email":"ada@example.com","self":true},
         "organizer":{"email":"ada@example.com","self":true},
         "start":{"dateTime":"2026-01-05T09:00:00+01:00","timeZone":"Europe/Berlin"},
         "end":{"dateTime":"2026-01-05T09:15:00+01:00","timeZone":"Europe/Berlin"},
         "recurrence":["RRULE:FREQ=DAILY"],"iCalUID":"e1@google.com","sequence":0,
         "attendees":[{"email":"bob@example.com","responseStatus":"accepted"}],
         "reminders":{"useDefault":true},"eventType":"default"}
        """#

    private func query(_ path: String) throws -> [String: String] { try parameters(of: "http://x\(path)") }

    @Test func `a page of events is read, whatever else Google says`() async throws {
        let cancelled = #"""
            {"id":"e1_20260106T080000Z","status":"cancelled","recurringEventId":"e1",
             "originalStartTime":{"dateTime":"2026-01-06T09:00:00+01:00","timeZone":"Europe/Berlin"}}
            """#
        let body = #"""
            {"kind":"calendar#events","timeZone":"Europe/Berlin","items":[\#(Self.event),\#(cancelled),
             {"id":"e2","status":"cancelled"}],"nextSyncToken":"CPDA=","accessRole":"owner","defaultReminders":[]}
            """#
        let server = try ProviderServer { _ in .answer(body) }
        let page = try await GoogleCalendar(server).events(of: "c", syncToken: nil, pageToken: nil, token: "t")
        #expect(page.events.map(\.id) == ["e1", "e1_20260106T080000Z", "e2"])
        #expect(page.events[0].recurrence == ["RRULE:FREQ=DAILY"])
        #expect(page.events[0].attendees?.first?.responseStatus == "accepted")
        #expect(page.events[1].series == "e1")
        #expect(page.events[2].status == .cancelled && page.events[2].start == nil)
        #expect(page.nextSyncToken == "CPDA=" && page.nextPageToken == nil && page.timeZone == "Europe/Berlin")
        #expect(page.unreadable.isEmpty)
    }

    @Test func `an event that cannot be read is named and left out, and the others come`() async throws {
        let body = #"""
            {"items":[{"id":"broken","recurrence":7},{"status":"confirmed"},"text",null,
             {"id":"odd","status":"levitating","start":{"date":"2026-02-30"}},{"id":"fine"}],"nextPageToken":"p"}
            """#
        let server = try ProviderServer { _ in .answer(body) }
        let page = try await GoogleCalendar(server).events(of: "c", syncToken: "s", pageToken: nil, token: "t")
        // What is only odd is kept, as far as it can be read.
        #expect(page.events.map(\.id) == ["odd", "fine"])
        #expect(page.unreadable == ["broken", "?", "?", "?"])
        #expect(page.nextPageToken == "p")
    }

    @Test func `an empty page is a page`() async throws {
        let server = try ProviderServer { _ in .answer(#"{"nextPageToken":"p"}"#) }
        let google = GoogleCalendar(server)
        #expect(try await google.events(of: "c", syncToken: nil, pageToken: nil, token: "t").events.isEmpty)
        #expect(try await google.calendars(syncToken: nil, pageToken: nil, token: "t").calendars.isEmpty)
    }

    @Test func `every request for events is alike but for its tokens`() async throws {
        let server = try ProviderServer { _ in .answer(#"{"nextSyncToken":"n"}"#) }
        let google = GoogleCalendar(server)
        for (sync, page) in [(nil, nil), (nil, "p+/="), ("s+/=", nil), ("s+/=", "p+/=")] as [(String?, String?)] {
            _ = try await google.events(
                of: "a b#/ü@group.calendar.google.com", syncToken: sync, pageToken: page, token: "ya29.t")
        }
        let asked = try server.requests.map { try query($0.path) }
        #expect(asked.map { $0["syncToken"] } == [nil, nil, "s+/=", "s+/="])
        #expect(asked.map { $0["pageToken"] } == [nil, "p+/=", nil, "p+/="])
        let rest = asked.map { $0.filter { !$0.key.hasSuffix("Token") } }
        #expect(Set(rest).count == 1)
        #expect(rest[0]["maxResults"] == "2500" && rest[0]["singleEvents"] == "false")
        // A partial answer holds nothing that is not named.
        let fields = try #require(rest[0]["fields"])
        for name in ["nextPageToken", "nextSyncToken", "timeZone", "recurringEventId", "originalStartTime"] {
            #expect(fields.contains(name))
        }
        let request = try #require(server.requests.first)
        let path = "/google/calendar/v3/calendars/a%20b%23%2F%C3%BC%40group.calendar.google.com/events?"
        #expect(request.method == "GET" && request.path.hasPrefix(path), "\(request.path)")
        #expect(request.headers["authorization"] == "Bearer ya29.t")
        // Google packs only for those who say so twice.
        #expect(request.headers["accept-encoding"]?.contains("gzip") == true)
        #expect(request.headers["user-agent"]?.contains("gzip") == true)
    }

    @Test func `what is kept of an event is what is asked for`() async throws {
        let server = try ProviderServer { _ in .answer(Self.event) }
        _ = try await GoogleCalendar(server).event("e1", of: "c", token: "t")
        let asked = try #require(try query(server.requests[0].path)["fields"])
        var event = CalendarEvent(id: "e", start: .day(CalendarDay("2026-01-01")!), end: nil)
        event.etag = "e"
        event.end = event.start
        (event.summary, event.description, event.location) = ("s", "d", "l")
        (event.recurrence, event.series, event.original) = (["R"], "s", event.start)
        (event.iCalUID, event.sequence, event.created, event.updated) = ("i", 1, noon, noon)
        (event.transparency, event.visibility, event.type, event.color) = ("t", "v", "t", "c")
        (event.link, event.conferenceLink) = ("l", "c")
        (event.organizer, event.attendees) = (.init(email: "o"), [.init(email: "a")])
        let written = try JSONDecoder().decode([String: Anything].self, from: JSONEncoder().encode(event))
        let names = asked.replacing(/\([^)]*\)/, with: "").split(separator: ",").map(String.init)
        #expect(Set(names) == Set(written.keys))
    }

    private struct Anything: Decodable { init(from decoder: any Decoder) {} }

    @Test func `a page of calendars is read`() async throws {
        let body = #"""
            {"kind":"calendar#calendarList","items":[{"id":"ada@example.com","summary":"Ada","timeZone":"Europe/Berlin",
             "primary":true,"accessRole":"owner","backgroundColor":"#9fe1e7","selected":true},
             {"id":"x@group.calendar.google.com","deleted":true},{"summary":"no id"}],"nextSyncToken":"n"}
            """#
        let server = try ProviderServer { _ in .answer(body) }
        let page = try await GoogleCalendar(server).calendars(syncToken: "s", pageToken: nil, token: "t")
        #expect(page.calendars.map(\.id) == ["ada@example.com", "x@group.calendar.google.com"])
        #expect(page.calendars[0].isPrimary && page.calendars[1].isDeleted)
        #expect(page.unreadable == ["?"] && page.nextSyncToken == "n")
        let request = try #require(server.requests.first)
        #expect(request.path.hasPrefix("/google/calendar/v3/users/me/calendarList?"))
        let asked = try query(request.path)
        #expect(asked["maxResults"] == "250" && asked["showHidden"] == "true" && asked["syncToken"] == "s")
        // With a sync token they are not allowed.
        #expect(asked["minAccessRole"] == nil && asked["showDeleted"] == nil)
    }

    @Test(arguments: ["", ".", ".."]) func `an id that would be another path is nobody's`(id: String) async throws {
        let server = try ProviderServer { _ in .answer("{}") }
        let google = GoogleCalendar(server)
        let faults = try await [
            thrownFault { () async throws(CalendarFault) in
                try await google.delete(id, of: "c", ifMatch: nil, notice: .none, token: "t")
            },
            thrownFault { () async throws(CalendarFault) in _ = try await google.event("e", of: id, token: "t") },
        ]
        #expect(faults == [.notFound, .notFound])
        #expect(server.requests.isEmpty)
    }

    @Test func `a token that would break a header is not sent`() async throws {
        let server = try ProviderServer { _ in .answer("{}") }
        let google = GoogleCalendar(server)
        let fault = try await thrownFault { () async throws(CalendarFault) in
            _ = try await google.event("e", of: "c", token: "a\r\nX: y")
        }
        guard case .other(let failure) = fault else { return }
        #expect(failure.kind == .permanent && server.requests.isEmpty)
    }
}
