import Domain
import Foundation
import Testing

@Suite struct EventSpanTests {
    private func span(_ times: String, zone: String? = "Europe/Berlin", _ lines: String...) throws -> EventSpan? {
        var event = try CalendarEvent("e", times, zone: zone)
        event.recurrence = lines
        return event.span(calendarZone: .utc)
    }

    @Test func `a time is what it is, and a day anywhere on Earth`() throws {
        #expect(
            try span("2026-06-01T07:00:00Z/2026-06-01T08:00:00Z")
                == EventSpan(first: utc("2026-06-01T07:00:00Z"), last: utc("2026-06-01T08:00:00Z")))
        let day = try #require(try span("2026-06-01/2026-06-02"))
        #expect(try day.first <= utc("2026-05-31T10:00:00Z") && utc("2026-05-30T00:00:00Z") <= day.first)
        let last = try #require(day.last)
        #expect(try last >= utc("2026-06-02T12:00:00Z") && last <= utc("2026-06-03T00:00:00Z"))
    }

    @Test(arguments: ["RRULE:FREQ=DAILY", "RRULE:FREQ=YEARLY;COUNT=99999", "RRULE:FREQ=DAILY;UNTIL=99991231T000000Z"])
    func `a series without an end, or with a distant one, is not cut`(line: String) throws {
        let span = try #require(try span("2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", line))
        #expect(span.last.map { $0 > .distantFuture } ?? true)
        #expect(try span.first <= utc("2026-06-01T07:00:00Z"))
    }

    @Test(arguments: [
        ("RRULE:FREQ=WEEKLY;COUNT=3", "2026-06-15T08:00:00Z"),
        ("RRULE:FREQ=WEEKLY;UNTIL=20260615T070000Z", "2026-06-15T08:00:00Z"),
        ("RRULE:FREQ=WEEKLY;UNTIL=20260615", "2026-06-16T23:59:59Z"),
        ("RRULE:FREQ=WEEKLY;COUNT=2|RDATE:20260801T070000Z", "2026-08-01T08:00:00Z"),
        ("RRULE:FREQ=WEEKLY;COUNT=2|RRULE:FREQ=MONTHLY;COUNT=3", "2026-08-01T08:00:00Z"),
        ("RRULE:FREQ=SOMETIMES", "2026-06-01T08:00:00Z"),
    ])
    func `a series with an end has it, to two days`(lines: String, end: String) throws {
        var event = try CalendarEvent("e", "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", zone: "Europe/Berlin")
        event.recurrence = lines.split(separator: "|").map(String.init)
        let last = try #require(event.span(calendarZone: .utc)?.last)
        #expect(try last >= utc(end) && last.timeIntervalSince(utc(end)) <= 2 * 86_400)
    }

    @Test func `a date before the start counts too`() throws {
        let span = try span("2026-06-01T07:00:00Z/2026-06-01T08:00:00Z", "RDATE:20260501T070000Z")
        #expect(try #require(span).first <= utc("2026-05-01T07:00:00Z"))
    }

    @Test func `holes, tombstones and what has no start have none`() throws {
        #expect(try CalendarEvent.hole(in: "m", at: "2026-06-01").span(calendarZone: .utc) == nil)
        #expect(CalendarEvent(id: "x", status: .cancelled).span(calendarZone: .utc) == nil)
        #expect(CalendarEvent(id: "x").span(calendarZone: .utc) == nil)
    }

    @Test func `where an exception belongs is an instant, of a day its midnight in UTC`() throws {
        #expect(try CalendarEvent.hole(in: "m", at: "2026-06-01").originalInstant == utc("2026-06-01T00:00:00Z"))
        #expect(
            try CalendarEvent.hole(in: "m", at: "2026-06-01T09:00:00+02:00").originalInstant
                == utc("2026-06-01T07:00:00Z"))
        #expect(CalendarEvent(id: "x").originalInstant == nil)
    }

    @Test(arguments: [
        ("2026-06-01T07:00:00Z", "2026-06-01T08:00:00Z", true), ("2026-06-01T08:00:00Z", "2026-06-01T09:00:00Z", true),
        ("2026-06-01T06:00:00Z", "2026-06-01T07:00:00Z", false),
        ("2026-06-01T08:00:01Z", "2026-06-01T09:00:00Z", false),
    ])
    func `a span says which ranges are worth a look`(lower: String, upper: String, isIn: Bool) throws {
        let span = try EventSpan(first: utc("2026-06-01T07:00:00Z"), last: utc("2026-06-01T08:00:00Z"))
        #expect(try span.mayTouch(range(lower, upper)) == isIn)
        #expect(
            try EventSpan(first: span.first, last: nil).mayTouch(range(lower, upper))
                == (isIn || lower > "2026-06-01T08"))
    }
}
