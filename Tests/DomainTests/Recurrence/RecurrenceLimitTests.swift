import Foundation
import Testing

@testable import Domain

@Suite struct RecurrenceLimitTests {
    @Test func `as many as are asked for are found, and that there are more is said`() throws {
        let set = try RecurrenceSet("20260302T000000", in: "UTC", "RRULE:FREQ=SECONDLY")
        let range = try utc("2026-03-02T00:00:00Z")..<utc("2027-03-02T00:00:00Z")
        let few = set.occurrences(in: range, atMost: 3)
        #expect(few.starts.count == 3)
        #expect(few.limit == .occurrences)
        let most = set.occurrences(in: range, atMost: .max)
        #expect(most.starts.count == RecurrenceLimit.maxOccurrences)
        #expect(most.limit == .occurrences)
        #expect(set.occurrences(in: range, atMost: 0) == Occurrences(starts: [], limit: .occurrences))
    }

    @Test(arguments: [
        // It counts nine million seconds before the range.
        "RRULE:FREQ=SECONDLY;COUNT=99999999",
        // All that it makes is excluded.
        "RRULE:FREQ=MINUTELY|EXRULE:FREQ=MINUTELY",
        // No hour is both.
        "RRULE:FREQ=SECONDLY;INTERVAL=60;BYSECOND=30",
    ])
    func `a question that costs too much ends and says so`(lines: String) throws {
        let local = try #require(LocalTime("2026-03-02T00:00:00"))
        let set = try RecurrenceSet(
            start: ZonedTime(local, in: .utc), lines: lines.split(separator: "|").map(String.init))
        let found = set.occurrences(in: try utc("2026-06-20T00:00:00Z")..<utc("2096-03-02T00:00:00Z"))
        #expect(found == Occurrences(starts: [], limit: .steps))
    }

    @Test(arguments: [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=SECONDLY;BYMONTH=6;BYMONTHDAY=31", "FREQ=YEARLY;INTERVAL=999999999", "FREQ=SECONDLY;INTERVAL=999999999",
    ])
    func `a rule that does not fire in a long range is known not to`(rule: String) throws {
        let set = try RecurrenceSet("20260302T000000", in: "America/New_York", "RRULE:\(rule)")
        let found = set.occurrences(in: try utc("2027-01-01T00:00:00Z")..<utc("2057-01-01T00:00:00Z"))
        #expect(found == Occurrences(starts: [], limit: nil))
    }

    @Test func `a range far from the start costs nothing to reach, unless there is a count`() throws {
        let set = try RecurrenceSet("19000101T000000", in: "UTC", "RRULE:FREQ=SECONDLY;INTERVAL=3601")
        let found = set.occurrences(in: try utc("2026-03-02T00:00:00Z")..<utc("2026-03-02T03:00:00Z"))
        #expect(found.limit == nil)
        #expect(found.starts.count == 3)
        let seconds = (try #require(found.starts.first)).timeIntervalSince(try utc("1900-01-01T00:00:00Z"))
        #expect(Int(seconds).isMultiple(of: 3601))
    }

    @Test func `a year of all its seconds is no array of them`() throws {
        let numbers = (0...59).map(String.init).joined(separator: ",")
        let hours = (0...23).map(String.init).joined(separator: ",")
        let set = try RecurrenceSet(
            "20260101T000000", in: "UTC",
            "RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=\(hours);BYMINUTE=\(numbers);BYSECOND=\(numbers)"
                + ";BYSETPOS=-1,1")
        #expect(try set.firstLocal(3) == ["2026-01-01T00:00:00", "2026-12-31T23:59:59", "2027-01-01T00:00:00"])
    }

    @Test func `the ends of time are no trouble`() throws {
        let all = Date.distantPast..<Date.distantFuture
        let set = try RecurrenceSet("20260302T000000", in: "Europe/Berlin", "RRULE:FREQ=YEARLY;UNTIL=99991231T235959Z")
        let found = set.occurrences(in: all)
        #expect(found.starts.count == 1975)
        #expect(found.limit == nil)
        let days = try RecurrenceSet("99991230", "RRULE:FREQ=DAILY").occurrences(
            in: day("0001-01-01")..<day("9999-12-31"))
        #expect(days.starts == [try day("9999-12-30")])
    }

    @Test func `lines and dates are bounded`() throws {
        let start = try day("2026-03-02")
        #expect(throws: InvalidRecurrence.self) {
            try RecurrenceSet(
                start: start,
                lines: Array(repeating: "EXDATE;VALUE=DATE:20260302", count: RecurrenceLimit.maxLines + 1))
        }
        let dates = Array(repeating: "20260302", count: RecurrenceLimit.maxDates + 1).joined(separator: ",")
        #expect(throws: InvalidRecurrence.self) { try RecurrenceSet(start: start, lines: ["EXDATE:\(dates)"]) }
    }
}
