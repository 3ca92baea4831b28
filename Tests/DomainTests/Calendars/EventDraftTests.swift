import Domain
import Foundation
import Testing

@Suite struct EventDraftTests {
    private func draft(_ times: String, zone: String? = nil, _ change: (inout EventDraft) -> Void = { _ in }) throws
        -> EventDraft
    {
        let parts = times.split(separator: "/").map(String.init)
        var draft = EventDraft(start: try moment(parts[0], zone: zone), end: try moment(parts[1], zone: zone))
        change(&draft)
        return draft
    }

    private func problems(_ draft: EventDraft, isNew: Bool = true) -> [String] {
        do {
            try draft.validate(isNew: isNew)
            return []
        } catch {
            return error.problems.map(\.field)
        }
    }

    private static let day = "2026-06-01/2026-06-02"
    private static let hour = "2026-06-01T07:00:00Z/2026-06-01T08:00:00Z"

    @Test func `what has a start and an end is an event`() throws {
        #expect(try problems(draft(Self.day)).isEmpty)
        #expect(try problems(draft(Self.hour)).isEmpty)
        #expect(try problems(draft(Self.hour, zone: "Europe/Berlin")).isEmpty)
        #expect(try problems(draft("2026-06-01T07:00:00Z/2026-06-01T07:00:00Z")).isEmpty)
        #expect(problems(EventDraft()) == ["start", "end"])
        #expect(problems(EventDraft(), isNew: false).isEmpty)
    }

    @Test(arguments: [
        "2026-06-01/2026-06-01", "2026-06-02/2026-06-01", "2026-06-01T07:00:00Z/2026-06-01T06:59:59Z",
        "2026-06-01/2026-06-01T08:00:00Z", "2026-06-01T07:00:00Z/2026-06-02",
    ])
    func `an end that does not go with the start is refused`(times: String) throws {
        #expect(try problems(draft(times)) == ["end"])
        #expect(try problems(draft(times), isNew: false) == ["end"])
    }

    @Test func `start and end change together`() throws {
        var half = try draft(Self.day)
        half.end = nil
        #expect(problems(half, isNew: false) == ["end"])
    }

    @Test(arguments: ["Mars/Olympus", "EST", "", "Europe/Berlin\nX", "CET", "+01:00"])
    func `a zone that is not known is refused`(name: String) throws {
        #expect(try problems(draft(Self.hour, zone: name)) == ["start.timeZone", "end.timeZone"])
    }

    @Test(arguments: [
        (day, nil, "RRULE:FREQ=DAILY;UNTIL=20260701", []), (day, nil, "RDATE;VALUE=DATE:20260701", []),
        (hour, "Europe/Berlin", "RRULE:FREQ=DAILY|EXDATE;TZID=Europe/Berlin:20260602T090000", []),
        (hour, nil, "RRULE:FREQ=DAILY", ["start.timeZone"]),
        (hour, "Europe/Berlin", "RRULE:FREQ=SOMETIMES", ["recurrence"]),
        (hour, "Europe/Berlin", "EXDATE:20260602T090000Z", ["recurrence"]),
        (hour, "Europe/Berlin", "RRULE:FREQ=DAILY\nATTENDEE:x", ["recurrence"]),
        (hour, "Europe/Berlin", "DTSTART:20260602T090000Z", ["recurrence"]),
        (day, nil, "RDATE:20260701T090000Z", ["recurrence"]), (day, nil, "RRULE:FREQ=HOURLY", ["recurrence"]),
        (hour, "UTC", "RDATE;VALUE=DATE:20260701", ["recurrence"]),
    ])
    func `a recurrence goes with its start`(times: String, zone: String?, lines: String, expected: [String]) throws {
        let draft = try draft(times, zone: zone) {
            $0.recurrence = lines.split(separator: "|").map(String.init)
        }
        #expect(problems(draft) == expected)
    }

    @Test(arguments: ["RDATE;VALUE=DATE:20260701", "RDATE:20260701T090000Z", "RRULE:FREQ=HOURLY", "RRULE:FREQ=DAILY"])
    func `a recurrence without a start may be of days or of times`(line: String) {
        var draft = EventDraft()
        draft.recurrence = [line]
        #expect(problems(draft, isNew: false).isEmpty)
        draft.recurrence = [line, "RRULE:FREQ=NEVER"]
        #expect(problems(draft, isNew: false) == ["recurrence"])
    }

    @Test func `every wrong field is named`() throws {
        let draft = try draft(Self.day) {
            $0.summary = String(repeating: "ü", count: EventDraft.maxSummaryLength + 1)
            $0.description = "\0"
            $0.transparency = "busy"
            $0.visibility = ""
            $0.attendees = ["ada@example.com", "nobody"]
            $0.recurrence = Array(repeating: "RRULE:FREQ=DAILY", count: EventDraft.maxRecurrenceLines + 1)
            $0.cleared = ["location", "start"]
        }
        #expect(
            problems(draft) == [
                "summary", "description", "transparency", "visibility", "recurrence", "attendees", "cleared",
            ])
        let full = try self.draft(Self.day) {
            $0.summary = String(repeating: "ü", count: EventDraft.maxSummaryLength)
            $0.attendees = Array(repeating: "ada@example.com", count: EventDraft.maxAttendees + 1)
        }
        #expect(problems(full) == ["attendees"])
    }

    @Test func `a text is given or cleared, not both`() {
        var draft = EventDraft(summary: "x")
        draft.cleared = ["summary"]
        #expect(problems(draft, isNew: false) == ["cleared"])
        draft.summary = nil
        #expect(problems(draft, isNew: false).isEmpty && !draft.isEmpty)
        draft.cleared = []
        #expect(draft.isEmpty)
    }

    @Test func `a draft has the names of the provider's resource`() throws {
        let json = #"""
            {"attendees": ["ada@example.com"], "end": {"date": "2026-06-02"}, "recurrence": [],
             "start": {"date": "2026-06-01"}, "summary": "x", "transparency": "opaque", "unknown": 1}
            """#
        let draft = try JSONDecoder().decode(EventDraft.self, from: Data(json.utf8))
        #expect(draft.recurrence == [] && draft.attendees == ["ada@example.com"] && draft.location == nil)
        #expect(try JSONDecoder().decode(EventDraft.self, from: JSONEncoder().encode(draft)) == draft)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(EventDraft.self, from: Data(#"{"start": {"date": "2026-06-31"}}"#.utf8))
        }
    }
}
