import Domain
import Foundation
import Providers
import Testing

@Suite(.timeLimit(.minutes(1))) struct CalendarWriteTests {
    private static let answer = #"{"id":"abcde","etag":"\"2\"","status":"confirmed"}"#

    private func server() throws -> ProviderServer { try ProviderServer { _ in .answer(Self.answer) } }

    /// The bodies as JSON, by their members sorted.
    private func json(_ text: String) throws -> String {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try JSONSerialization.data(withJSONObject: value, options: options), as: UTF8.self)
    }

    private func body(_ server: ProviderServer, _ index: Int = 0) throws -> String {
        try json(server.requests[index].text)
    }

    @Test func `a new event is sent with its id, and as Google has it`() async throws {
        let server = try server()
        var draft = EventDraft(
            start: .time(noon, zone: "Europe/Berlin"), end: .time(noon + 1800, zone: nil), summary: "Über \"x\"")
        draft.recurrence = ["RRULE:FREQ=DAILY"]
        draft.attendees = ["bob@example.com"]
        draft.transparency = "transparent"
        draft.cleared = ["location"]
        let event = try await GoogleCalendar(server).insert(
            draft, id: "abcde", into: "me@example.com", notice: .externalOnly, token: "t")
        #expect(event.id == "abcde" && event.etag == "\"2\"")
        let request = try #require(server.requests.first)
        #expect(request.method == "POST")
        let path = "/google/calendar/v3/calendars/me%40example.com/events?sendUpdates=externalOnly"
        #expect(request.path.hasPrefix(path))
        #expect(request.headers["content-type"] == "application/json" && request.headers["if-match"] == nil)
        #expect(
            try body(server)
                == json(
                    #"""
                    {"id":"abcde","summary":"Über \"x\"","transparency":"transparent",
                     "start":{"dateTime":"2026-11-30T12:00:00Z","timeZone":"Europe/Berlin"},
                     "end":{"dateTime":"2026-11-30T12:30:00Z"},
                     "recurrence":["RRULE:FREQ=DAILY"],"attendees":[{"email":"bob@example.com"}]}
                    """#))
    }

    @Test func `a change names only what changes, and the version it is meant for`() async throws {
        let server = try server()
        _ = try await GoogleCalendar(server).patch(
            "e1_20260101T090000Z", of: "c", to: EventDraft(summary: "New"), ifMatch: "\"33\"", notice: .all, token: "t")
        let request = try #require(server.requests.first)
        #expect(request.method == "PATCH")
        #expect(request.path.hasPrefix("/google/calendar/v3/calendars/c/events/e1_20260101T090000Z?sendUpdates=all"))
        #expect(request.headers["if-match"] == "\"33\"")
        #expect(try body(server) == #"{"summary":"New"}"#)
    }

    @Test func `what is emptied is null, and a day that becomes a time loses its date`() async throws {
        let server = try server()
        var draft = EventDraft(start: .time(noon, zone: "UTC"), end: .time(noon + 60, zone: "UTC"))
        draft.cleared = ["summary", "location"]
        draft.recurrence = []
        draft.attendees = []
        let google = GoogleCalendar(server)
        _ = try await google.patch("e", of: "c", to: draft, ifMatch: nil, notice: .none, token: "t")
        #expect(
            try body(server)
                == json(
                    #"""
                    {"summary":null,"location":null,"recurrence":null,"attendees":null,
                     "start":{"date":null,"dateTime":"2026-11-30T12:00:00Z","timeZone":"UTC"},
                     "end":{"date":null,"dateTime":"2026-11-30T12:01:00Z","timeZone":"UTC"}}
                    """#))
        let days = EventDraft(start: .day(CalendarDay("2026-01-01")!), end: .day(CalendarDay("2026-01-02")!))
        _ = try await google.patch("e", of: "c", to: days, ifMatch: nil, notice: .none, token: "t")
        #expect(
            try body(server, 1)
                == json(
                    #"""
                    {"start":{"date":"2026-01-01","dateTime":null,"timeZone":null},
                     "end":{"date":"2026-01-02","dateTime":null,"timeZone":null}}
                    """#))
        #expect(server.requests[1].headers["if-match"] == nil)
    }

    @Test func `who is still invited keeps the answer`() async throws {
        let server = try server()
        var known = CalendarEvent(id: "e")
        known.attendees = [
            .init(email: "Bob@example.com", displayName: "Bob", responseStatus: "accepted"),
            .init(email: "gone@example.com", responseStatus: "declined"),
        ]
        known.attendees?[0].comment = "late"
        known.attendees?[0].additionalGuests = 2
        var draft = EventDraft()
        draft.attendees = ["bob@example.com", "new@example.com"]
        _ = try await GoogleCalendar(server).patch(
            "e", of: "c", to: draft, ifMatch: nil, keeping: known, notice: .none, token: "t")
        #expect(
            try body(server)
                == json(
                    #"""
                    {"attendees":[{"email":"bob@example.com","displayName":"Bob","responseStatus":"accepted",
                     "comment":"late","additionalGuests":2},
                     {"email":"new@example.com"}]}
                    """#))
    }

    @Test func `an event is deleted in its version`() async throws {
        let server = try ProviderServer { _ in .answer("", status: 204) }
        try await GoogleCalendar(server).delete("e", of: "c", ifMatch: "\"1\"", notice: .all, token: "t")
        let request = try #require(server.requests.first)
        #expect(request.method == "DELETE")
        #expect(request.path == "/google/calendar/v3/calendars/c/events/e?sendUpdates=all")
        #expect(request.headers["if-match"] == "\"1\"" && request.body.isEmpty)
    }

    @Test func `writes take a connection of their own, for a kept one may be dying`() async throws {
        let server = try server()
        let google = GoogleCalendar(server)
        _ = try await google.event("e", of: "c", token: "t")
        _ = try await google.patch("e", of: "c", to: EventDraft(summary: "x"), ifMatch: nil, notice: .none, token: "t")
        #expect(server.requests.map(\.connection) == [1, 2])
    }

    @Test func `a channel is asked for, and ends when Google says`() async throws {
        let server = try ProviderServer { request in
            request.path.hasSuffix("watch")
                ? .answer(
                    #"{"kind":"api#channel","id":"i","resourceId":"r1","token":"s","expiration":"1796644800000"}"#)
                : .answer("", status: 204)
        }
        let channel = ChannelID.make()
        let opened = try await GoogleCalendar(server).watch(
            "c", channel: channel, secret: "hush", address: "https://errand.example.com/hook", secondsToLive: 604_800,
            token: "t")
        #expect(opened.resourceID == "r1" && opened.expiresAt == noon + 604_800)
        try await GoogleCalendar(server).stop(channel: channel, resourceID: "r1", token: "t")
        #expect(server.requests.map(\.method) == ["POST", "POST"])
        #expect(
            server.requests.map(\.path) == [
                "/google/calendar/v3/calendars/c/events/watch", "/google/calendar/v3/channels/stop",
            ])
        #expect(
            try body(server)
                == json(
                    #"""
                    {"id":"\#(channel)","type":"web_hook","address":"https://errand.example.com/hook","token":"hush",
                     "params":{"ttl":"604800"}}
                    """#))
        #expect(try body(server, 1) == json(#"{"id":"\#(channel)","resourceId":"r1"}"#))
    }

    @Test func `a channel that does not say when it ends lives as long as was asked`() async throws {
        let server = try ProviderServer { _ in .answer(#"{"resourceId":"r1"}"#) }
        let opened = try await GoogleCalendar(server).watch(
            "c", channel: .make(), secret: "s", address: "https://x", secondsToLive: 60, token: "t")
        #expect(opened.expiresAt == noon + 60)
    }

    @Test func `to end a channel that is over is no fault`() async throws {
        let server = try ProviderServer { _ in .answer(GoogleAnswers.notFound, status: 404) }
        try await GoogleCalendar(server).stop(channel: .make(), resourceID: "r", token: "t")
        #expect(server.requests.count == 1)
    }
}
