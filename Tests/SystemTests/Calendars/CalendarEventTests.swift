import Domain
import Foundation
import HTTPTransport
import Jobs
import Store
import TestSupport
import Testing

/// What takes place, what is free, and what changed, over real HTTP.
@Suite(.serialized, .timeLimit(.minutes(4))) struct CalendarEventTests {
    private struct Listing: Decodable {
        var events: [Occurrence]
        var complete: Bool
        var zone: String
    }

    private struct Occurrence: Decodable {
        var id: String
        var calendar_id: CalendarID
        var event_id: String
        var start_at: String
        var end_at: String
        var all_day: Bool
        var summary: String?
        var recurring: Bool
        var series_id: String?
    }

    private static func events(_ calendars: PlantedCalendars, _ query: String) async throws -> Listing {
        let answer = try await calendars.get("/events?\(query)")
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.decode()
    }

    @Test func `a series keeps its time on its own clock, with what was moved and without what was cancelled`()
        async throws
    {
        try await PlantedCalendars.with { calendars in
            // Nine in Berlin, across the end of March, when clocks are set forward.
            let series = try CalendarEvent.timed("standup", "2026-03-23T08:00:00Z", zone: "Europe/Berlin") {
                $0.recurrence = ["RRULE:FREQ=WEEKLY"]
            }
            let moved = try CalendarEvent.timed("standup_20260406T070000Z", "2026-04-07T12:00:00Z") {
                $0.series = "standup"
                $0.original = .time(RFC3339.date("2026-04-06T07:00:00Z") ?? Date(), zone: "Europe/Berlin")
            }
            let hole = try CalendarEvent.hole("standup_20260413T070000Z", of: "standup", "2026-04-13T07:00:00Z")
            let id = try await calendars.calendar("Work", series, moved, hole)
            let found = try await Self.events(calendars, "from=2026-03-20&to=2026-04-25&zone=America/New_York")
            #expect(
                found.events.map(\.start_at) == [
                    "2026-03-23T08:00:00.000Z", "2026-03-30T07:00:00.000Z", "2026-04-07T12:00:00.000Z",
                    "2026-04-20T07:00:00.000Z",
                ])
            #expect(found.events.map(\.event_id) == ["standup", "standup", moved.id, "standup"])
            #expect(found.events[1].id == "standup_20260330T070000Z")
            #expect(found.events.allSatisfy { $0.recurring && $0.series_id == "standup" && $0.calendar_id == id })
            #expect(found.complete && found.zone == "America/New_York")
        }
    }

    @Test func `one occurrence is shown by its own id, as long as its series makes it`() async throws {
        try await PlantedCalendars.with { calendars in
            let series = try CalendarEvent.timed("standup", "2026-03-23T08:00:00Z", zone: "Europe/Berlin") {
                $0.recurrence = ["RRULE:FREQ=WEEKLY"]
                ($0.summary, $0.etag) = ("Standup", "\"7\"")
            }
            var days = try CalendarEvent.days("fair_x", "2026-01-10", until: "2026-01-12")
            days.recurrence = ["RRULE:FREQ=MONTHLY;COUNT=3"]
            let hole = try CalendarEvent.hole("standup_20260413T070000Z", of: "standup", "2026-04-13T07:00:00Z")
            let single = try CalendarEvent.timed("single", "2026-03-30T07:00:00Z")
            let id = try await calendars.calendar("Work", series, days, hole, single)
            func show(_ event: String) async throws -> (event: CalendarEvent?, tag: String?) {
                let answer = try await calendars.get("/calendars/\(id)/events/\(event)")
                guard answer.status == 200 else {
                    #expect(answer.status == 404, "\(event): \(answer.text)")
                    return (nil, nil)
                }
                return (try answer.decode(), answer.headers.first("etag"))
            }
            let (one, tag) = try await show("standup_20260330T070000Z")
            let start = try EventMoment.time(#require(RFC3339.date("2026-03-30T07:00:00Z")), zone: "Europe/Berlin")
            #expect(one?.start == start && one?.original == start && one?.series == "standup")
            #expect(one?.summary == "Standup" && one?.recurrence == nil && one?.status == .confirmed && tag == "\"7\"")
            let day = try await show("fair_x_20260210").event
            #expect(day?.series == "fair_x" && day?.start == CalendarDay("2026-02-10").map(EventMoment.day))
            #expect(day?.end == CalendarDay("2026-02-12").map(EventMoment.day))
            #expect(try await show(hole.id).event?.status == .cancelled)
            for none in [
                "standup_20260330T080000Z", "standup_20260330T070001Z", "standup_20260330", "fair_x_20260211",
                "fair_x_20260410", "fair_x_20260210T000000Z", "single_20260330T070000Z", "_20260330T070000Z",
                "standup_20261340T070000Z", "standup_",
            ] {
                #expect(try await show(none).event == nil, "\(none)")
            }
        }
    }

    @Test func `whole days are those of whoever asks`() async throws {
        try await PlantedCalendars.with { calendars in
            _ = try await calendars.calendar(
                "Work", zone: "Europe/Berlin", try .days("trip", "2026-01-10", until: "2026-01-12"))
            let tokyo = try await Self.events(calendars, "from=2026-01-11&to=2026-01-12&zone=Asia/Tokyo")
            #expect(tokyo.events.map(\.start_at) == ["2026-01-09T15:00:00.000Z"] && tokyo.events[0].all_day)
            #expect(tokyo.events.map(\.end_at) == ["2026-01-11T15:00:00.000Z"])
            #expect(try await Self.events(calendars, "from=2026-01-12&to=2026-01-13&zone=Asia/Tokyo").events.isEmpty)
            let apia = try await Self.events(calendars, "from=2026-01-11&to=2026-01-12&zone=Pacific/Honolulu")
            #expect(apia.events.map(\.start_at) == ["2026-01-10T10:00:00.000Z"])
        }
    }

    @Test func `all calendars are one list, up to the limit, without those that are put away or lost`() async throws {
        try await PlantedCalendars.with { calendars in
            let first = try await calendars.calendar(
                "A", try .timed("a1", "2026-01-05T08:00:00Z"), try .timed("a2", "2026-01-05T10:00:00Z"))
            let second = try await calendars.calendar(
                "B", try .timed("b2", "2026-01-05T10:00:00Z"), try .timed("b1", "2026-01-05T09:00:00Z"))
            let lost = try await calendars.calendar("C", try .timed("c", "2026-01-05T08:30:00Z"))
            try await calendars.lose(lost)
            let month = "from=2026-01-01&to=2026-02-01"
            let all = try await Self.events(calendars, month)
            #expect(all.events.map(\.id) == ["a1", "b1", "a2", "b2"] && all.complete && all.zone == "UTC")
            let three = try await Self.events(calendars, month + "&limit=3")
            #expect(three.events.map(\.id) == ["a1", "b1", "a2"] && !three.complete)
            #expect(try await Self.events(calendars, month + "&limit=4").complete)
            let named = try await Self.events(calendars, month + "&calendar_id=\(second)&calendar_id=\(lost)")
            #expect(named.events.map(\.id) == ["b1", "b2"])
            let path = "/api/v1/calendars/\(first)"
            _ = try await calendars.client.send("PATCH", path, body: #"{"selected":false}"#)
            #expect(try await Self.events(calendars, month).events.map(\.id) == ["b1", "b2"])
        }
    }

    @Test func `what is asked wrongly says which parameter, and how it is right`() async throws {
        try await PlantedCalendars.with { calendars in
            let ok = "from=2026-01-01&to=2026-01-02"
            for (path, field) in [
                ("/events", "from"), ("/events?from=2026-01-01", "to"), ("/events?from=x&to=2026-01-01", "from"),
                ("/events?from=2026-01-01&to=2028-01-01", "to"), ("/events?\(ok)&limit=2501", "limit"),
                ("/events?\(ok)&limit=0", "limit"), ("/events?\(ok)&zone=Mars/Base", "zone"),
                ("/events?\(ok)&calendar_id=x", "calendar_id"), ("/events/next?count=21", "count"),
                ("/events/next?zone=x", "zone"), ("/free-busy", "from"), ("/calendars?wait=x", "wait"),
                ("/calendars/\(CalendarID.make())/changes?cursor=x", "cursor"),
                ("/calendars/\(CalendarID.make())/changes?limit=1001", "limit"),
            ] {
                let answer = try await calendars.get(path)
                #expect(answer.status == 422 && answer.text.contains(#""field":"\#(field)""#), "\(path) \(answer.text)")
            }
            for path in [
                "/events?\(ok)&calendar_id=\(CalendarID.make())", "/calendars/\(CalendarID.make())/changes",
                "/calendars/\(CalendarID.make())/export.ics", "/calendars/\(CalendarID.make())/events/x",
            ] {
                #expect(try await calendars.get(path).status == 404, "\(path)")
            }
        }
    }

    @Test func `the next events are those that go on or come within a month`() async throws {
        try await PlantedCalendars.with { calendars in
            func at(_ minutes: Double) -> String { Date().addingTimeInterval(minutes * 60).formatted(.iso8601) }
            _ = try await calendars.calendar(
                "Work", try .timed("over", at(-120)), try .timed("now", at(-30)), try .timed("soon", at(30)),
                try .timed("later", at(3 * 1440)), try .timed("far", at(32 * 1440)))
            let all: Listing = try await calendars.get("/events/next?zone=Europe/Berlin").decode()
            #expect(all.events.map(\.id) == ["now", "soon", "later"] && all.complete)
            let one: Listing = try await calendars.get("/events/next?count=1").decode()
            #expect(one.events.map(\.id) == ["now"] && !one.complete)
        }
    }

    @Test func `time is busy or free, and what does not make busy is left out`() async throws {
        try await PlantedCalendars.with { calendars in
            _ = try await calendars.calendar(
                "A", try .timed("one", "2026-01-05T08:00:00Z"), try .timed("two", "2026-01-05T08:30:00Z"),
                try .timed("free", "2026-01-05T12:00:00Z") { $0.transparency = "transparent" })
            _ = try await calendars.calendar("B", try .timed("three", "2026-01-05T09:30:00Z"))
            let answer = try await calendars.get("/free-busy?from=2026-01-05T08:15:00Z&to=2026-01-05T20:00:00Z")
            #expect(
                answer.text == """
                    {"busy":[{"start":"2026-01-05T08:15:00.000Z","end":"2026-01-05T10:30:00.000Z"}],\
                    "free":[{"start":"2026-01-05T10:30:00.000Z","end":"2026-01-05T20:00:00.000Z"}],"complete":true}
                    """, "\(answer.text)")
            let nothing = try await calendars.get("/free-busy?from=2026-02-01&to=2026-02-02&zone=Europe/Berlin")
            #expect(nothing.text.contains(#""busy":[],"free":[{"start":"2026-01-31T23:00:00.000Z""#))
        }
    }

    private struct Changes: Decodable {
        struct Change: Decodable {
            struct Event: Decodable { var summary: String? }
            var id: String
            var deleted: Bool
            var event: Event?
        }
        var changes: [Change]
        var next_cursor: String
        var has_more: Bool
    }

    @Test func `a reader gets what is there, then what changes, then waits for more`() async throws {
        try await PlantedCalendars.with { calendars in
            let id = try await calendars.calendar(
                "Work", try .timed("one", "2026-01-05T08:00:00Z"), try .timed("two", "2026-01-05T09:00:00Z"),
                try .timed("three", "2026-01-05T10:00:00Z"))
            let path = "/calendars/\(id)/changes"
            let first: Changes = try await calendars.get(path + "?limit=2").decode()
            #expect(first.changes.count == 2 && first.has_more)
            let rest: Changes = try await calendars.get(path + "?cursor=\(first.next_cursor)").decode()
            #expect(Set((first.changes + rest.changes).map(\.id)) == ["one", "two", "three"] && !rest.has_more)
            let none: Changes = try await calendars.get(path + "?cursor=\(rest.next_cursor)&wait=1").decode()
            #expect(none.changes.isEmpty && none.next_cursor == rest.next_cursor && !none.has_more)
            async let waiting = calendars.get(path + "?cursor=\(rest.next_cursor)&wait=25")
            let changed = try CalendarEvent.timed("two", "2026-01-05T09:00:00Z") { $0.summary = "renamed" }
            try await calendars.sync(id, [changed, CalendarEvent(id: "one", status: .cancelled)])
            try await calendars.wake()
            let news: Changes = try await waiting.decode()
            #expect(Set(news.changes.map(\.id)) == ["one", "two"])
            #expect(news.changes.first { $0.id == "one" }?.deleted == true)
            #expect(news.changes.first { $0.id == "two" }?.event?.summary == "renamed")
            // What a cursor needs may be forgotten.
            let prune =
                "WITH gone AS (UPDATE calendars SET pruned_version = version RETURNING 1) SELECT count(*) FROM gone"
            _ = try await calendars.system.count(prune)
            let over = try await calendars.get(path + "?cursor=\(rest.next_cursor)")
            #expect(over.status == 410 && over.text.contains("cursor_over"))
            let anew: Changes = try await calendars.get(path).decode()
            #expect(Set(anew.changes.map(\.id)) == ["two", "three"])
        }
    }

    @Test func `a calendar is written as a file, page after page`() async throws {
        try await PlantedCalendars.with { calendars in
            let series = try CalendarEvent.timed("aaa", "2026-01-05T08:00:00Z", zone: "Europe/Berlin") {
                $0.recurrence = ["RRULE:FREQ=DAILY;COUNT=5"]
            }
            // The hole comes pages after its series.
            let hole = try CalendarEvent.hole("zzz", of: "aaa", "2026-01-06T08:00:00Z")
            let many = try (0..<1_200).map { try CalendarEvent.timed("m\(10_000 + $0)", "2026-02-01T08:00:00Z") }
            let id = try await calendars.calendar("Wörk")
            try await calendars.sync(id, [series, hole] + many)
            let answer = try await calendars.get("/calendars/\(id)/export.ics")
            #expect(answer.status == 200 && answer.headers.first("content-type") == "text/calendar; charset=utf-8")
            #expect(answer.headers.first("content-disposition")?.contains("filename*=UTF-8''W%C3%B6rk.ics") == true)
            let lines = answer.text.split(separator: "\r\n")
            #expect(lines.first == "BEGIN:VCALENDAR" && lines.last == "END:VCALENDAR")
            #expect(lines.count { $0 == "BEGIN:VEVENT" } == 1_201)
            #expect(lines.contains { $0.hasPrefix("EXDATE") })
        }
    }
}
