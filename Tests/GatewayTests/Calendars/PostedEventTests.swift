import Domain
import Foundation
import Testing

@testable import APIGateway

@Suite struct PostedEventTests {
    private static func draft(_ json: String, isNew: Bool = true) throws -> EventDraft {
        try JSONDecoder().decode(PostedEvent.self, from: Data(json.utf8)).draft(isNew: isNew)
    }

    private static func problems(_ json: String, isNew: Bool = true) -> [String] {
        do {
            _ = try draft(json, isNew: isNew)
            return []
        } catch {
            return (error as? InvalidCommand)?.problems.map(\.field) ?? ["\(error)"]
        }
    }

    private static let times = #""start":{"date":"2026-01-01"},"end":{"date":"2026-01-02"}"#

    @Test func `days, instants and a clock's times are read`() throws {
        let days = try Self.draft("{\(Self.times)}")
        #expect(days.start == .day(try #require(CalendarDay("2026-01-01"))))
        let times = try Self.draft(
            #"""
            {"start":{"dateTime":"2026-07-01T09:00:00","timeZone":"Europe/Berlin"},
             "end":{"dateTime":"2026-07-01T10:00:00+02:00"},"summary":"Stand-up","notify":"all"}
            """#)
        let start = try #require(RFC3339.date("2026-07-01T07:00:00Z"))
        #expect(times.start == .time(start, zone: "Europe/Berlin"))
        // As the start is: a provider wants both to name a zone in a series.
        #expect(times.end == .time(start.addingTimeInterval(3600), zone: "Europe/Berlin"))
        #expect(times.summary == "Stand-up")
    }

    @Test func `null takes a text away, and leaving it out does not`() throws {
        let draft = try Self.draft(#"{"location":null,"summary":"x"}"#, isNew: false)
        #expect(draft.cleared == ["location"] && draft.location == nil && draft.description == nil)
        #expect(try Self.draft(#"{"cleared":["location"],"location":null}"#, isNew: false).cleared == ["location"])
        #expect(Self.problems(#"{"cleared":["location"],"location":"here"}"#, isNew: false) == ["cleared"])
        #expect(try Self.draft(#"{"start":null,"end":null,"recurrence":[]}"#, isNew: false).recurrence == [])
    }

    @Test(arguments: [
        ("{}", ["start", "end"]),
        (#"{"start":{},"end":{"date":"2026-01-01","dateTime":"2026-01-01T00:00:00Z"}}"#, ["start", "end"]),
        (#"{"start":{"date":"2026-02-30"},"end":{"dateTime":"noon"}}"#, ["start.date", "end.dateTime"]),
        (#"{"start":{"dateTime":"2026-01-01T09:00:00"},"end":{"date":"2026-01-02"}}"#, ["start.dateTime"]),
        (
            #"{"start":{"dateTime":"2026-01-01T09:00:00","timeZone":"Mars/Base"},"#
                + #""end":{"dateTime":"2026-01-01T10:00:00Z","timeZone":"Mars/Base"}}"#,
            ["start.timeZone", "end.timeZone"]
        ),
        ("{\(times),\"notify\":\"everybody\",\"transparency\":\"glass\"}", ["notify", "transparency"]),
        ("{\(times),\"attendees\":[\"nobody\"],\"recurrence\":[\"RRULE:FREQ=NEVER\"]}", ["recurrence", "attendees"]),
        ("{\(times),\"summary\":\"a\\u0000\"}", ["summary"]),
        (#"{"start":{"date":"2026-01-02"},"end":{"date":"2026-01-02"}}"#, ["end"]),
    ])
    func `a new event's mistakes are named all at once`(_ json: String, _ expected: [String]) {
        #expect(Self.problems(json) == expected)
    }

    @Test func `a change changes something, and both ends at once`() {
        #expect(Self.problems("{}", isNew: false) == ["body"])
        #expect(Self.problems(#"{"notify":"all"}"#, isNew: false) == ["body"])
        #expect(Self.problems(#"{"start":{"date":"2026-01-02"}}"#, isNew: false) == ["end"])
        // What cannot be read is not called missing as well.
        #expect(
            Self.problems(#"{"start":{"date":"soon"},"end":{"date":"2026-01-02"}}"#, isNew: false) == ["start.date"])
    }

    @Test func `guests hear of it only when that was said`() throws {
        let quiet = try JSONDecoder().decode(PostedEvent.self, from: Data(#"{"notify":null}"#.utf8))
        #expect(quiet.notice == WriteEvent.Notice.none)
        let loud = try JSONDecoder().decode(PostedEvent.self, from: Data(#"{"notify":"externalOnly"}"#.utf8))
        #expect(loud.notice == .externalOnly)
    }
}
