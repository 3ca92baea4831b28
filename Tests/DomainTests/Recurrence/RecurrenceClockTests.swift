import Foundation
import Testing

@testable import Domain

/// Clocks that are set forward and back.
@Suite struct RecurrenceClockTests {
    @Test func `a time keeps its place on the clock through summer time`() throws {
        let set = try RecurrenceSet("20260328T090000", in: "Europe/Berlin", "RRULE:FREQ=DAILY;COUNT=3")
        #expect(try set.first(5) == ["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"])
    }

    @Test(arguments: [
        // The RFC's own example, section 3.3.5: 3:30 EDT.
        (
            "America/New_York", "20070310T023000",
            ["2007-03-10T07:30:00Z", "2007-03-11T07:30:00Z", "2007-03-12T06:30:00Z"]
        ),
        ("Europe/Berlin", "20260328T023000", ["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"]),
        // Half an hour.
        (
            "Australia/Lord_Howe", "20251004T021500",
            ["2025-10-03T15:45:00Z", "2025-10-04T15:45:00Z", "2025-10-05T15:15:00Z"]
        ),
        // Midnight does not exist.
        (
            "America/Sao_Paulo", "20161015T000000",
            ["2016-10-15T03:00:00Z", "2016-10-16T03:00:00Z", "2016-10-17T02:00:00Z"]
        ),
    ])
    func `a time in a gap is taken with the offset before it`(zone: String, start: String, expected: [String]) throws {
        #expect(try RecurrenceSet(start, in: zone, "RRULE:FREQ=DAILY").first(3) == expected)
    }

    @Test(arguments: [
        // The RFC's own example: 1:30 EDT.
        (
            "America/New_York", "20071103T013000",
            ["2007-11-03T05:30:00Z", "2007-11-04T05:30:00Z", "2007-11-05T06:30:00Z"]
        ),
        ("Europe/Berlin", "20261024T023000", ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
        (
            "Australia/Lord_Howe", "20260404T014500",
            ["2026-04-03T14:45:00Z", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"]
        ),
    ])
    func `a time that comes twice is the first`(zone: String, start: String, expected: [String]) throws {
        #expect(try RecurrenceSet(start, in: zone, "RRULE:FREQ=DAILY").first(3) == expected)
    }

    @Test func `what a gap moves is in order, and no instant comes twice`() throws {
        let set = try RecurrenceSet(
            "20260329T010000", in: "Europe/Berlin", "RRULE:FREQ=MINUTELY;INTERVAL=20;COUNT=12")
        // 01:00 to 04:40 on the clock; what is between two and three falls on what is after three.
        #expect(
            try set.first(20) == [
                "2026-03-29T00:00:00Z", "2026-03-29T00:20:00Z", "2026-03-29T00:40:00Z", "2026-03-29T01:00:00Z",
                "2026-03-29T01:20:00Z", "2026-03-29T01:40:00Z", "2026-03-29T02:00:00Z", "2026-03-29T02:20:00Z",
                "2026-03-29T02:40:00Z",
            ])
    }

    @Test func `a range that begins or ends among what a gap moved gets its part`() throws {
        let set = try RecurrenceSet("20260301T000000", in: "Europe/Berlin", "RRULE:FREQ=HOURLY;BYMINUTE=10,50")
        let whole = set.occurrences(in: try utc("2026-03-28T22:00:00Z")..<utc("2026-03-29T06:00:00Z")).starts
        #expect(whole.count == 16)
        for cut in whole {
            let before = set.occurrences(in: try utc("2026-03-28T22:00:00Z")..<cut).starts
            let after = set.occurrences(in: cut..<(try utc("2026-03-29T06:00:00Z"))).starts
            #expect(before + after == whole)
        }
    }

    @Test func `a day that a zone left out falls on the one after it`() throws {
        let set = try RecurrenceSet("20111229T090000", in: "Pacific/Apia", "RRULE:FREQ=DAILY;COUNT=4")
        #expect(try set.first(9) == ["2011-12-29T19:00:00Z", "2011-12-30T19:00:00Z", "2011-12-31T19:00:00Z"])
    }

    @Test func `days know no clock`() throws {
        let set = try RecurrenceSet("20111229", "RRULE:FREQ=DAILY;COUNT=3")
        #expect(try set.first(9) == ["2011-12-29", "2011-12-30", "2011-12-31"])
    }

    @Test func `EXDATE finds a time in a gap, and UNTIL bounds instants`() throws {
        let gone = try RecurrenceSet(
            "20260328T023000", in: "Europe/Berlin", "RRULE:FREQ=DAILY;COUNT=3",
            "EXDATE;TZID=Europe/Berlin:20260329T023000")
        #expect(try gone.first(5) == ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"])
        let bounded = try RecurrenceSet(
            "20260329T013000", in: "Europe/Berlin", "RRULE:FREQ=MINUTELY;INTERVAL=30;UNTIL=20260329T011500Z")
        // 02:30 is 03:30, and too late; 03:00 is not.
        #expect(try bounded.first(9) == ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"])
    }

    @Test func `a local time is one whichever way one gets it`() throws {
        let berlin = try #require(ZoneOffsets(iana: "Europe/Berlin"))
        let local = LocalTime(at: try utc("2026-03-28T01:30:00Z"), in: berlin)
        #expect(local.description == "2026-03-28T02:30:00")
        #expect(LocalTime("2026-03-28T02:30:00") == local)
        #expect(local.instant(in: berlin) == (try utc("2026-03-28T01:30:00Z")))
        for text in ["2026-02-29T00:00:00", "2026-03-28T24:00:00", "2026-03-28T02:30", "2026-03-28T02:30:00Z", ""] {
            #expect(LocalTime(text) == nil, "\(text)")
        }
    }

    @Test func `an exact length ignores the clock, and days end days later`() throws {
        let night = EventLength(from: try utc("2026-03-27T23:00:00Z"), to: try utc("2026-03-28T04:00:00Z"))
        // 00:00 to 05:00 in Berlin, on the next night 00:00 to 06:00.
        #expect(night.end(of: try utc("2026-03-28T23:00:00Z")) == (try utc("2026-03-29T04:00:00Z")))
        let trip = EventLength(from: try day("2026-03-28"), to: try day("2026-03-30"))
        #expect(trip.end(of: try day("2026-10-24")) == (try day("2026-10-26")))
    }

    @Test func `what overlaps a range starts in a longer one`() throws {
        let hour = EventLength(from: try utc("2026-03-01T10:00:00Z"), to: try utc("2026-03-01T11:00:00Z"))
        let range = try utc("2026-03-02T12:00:00Z")..<utc("2026-03-02T13:00:00Z")
        #expect(hour.starts(overlapping: range) == (try utc("2026-03-02T11:00:01Z"))..<range.upperBound)
        let point = EventLength(from: range.lowerBound, to: range.lowerBound)
        #expect(point.starts(overlapping: range) == range)
        let days = try day("2026-03-10")..<day("2026-03-11")
        let trip = EventLength(from: try day("2026-03-01"), to: try day("2026-03-04"))
        #expect(trip.starts(overlapping: days) == (try day("2026-03-08"))..<days.upperBound)
        let one = EventLength(from: try day("2026-03-01"), to: try day("2026-03-02"))
        #expect(one.starts(overlapping: days) == days)
    }
}
