import Foundation
import Testing

@testable import Domain

@Suite struct RecurrenceSetTests {
    @Test func `an event without lines occurs once`() throws {
        let set = try RecurrenceSet("20260302T090000", in: "Europe/Berlin")
        #expect(try set.first(5) == ["2026-03-02T08:00:00Z"])
    }

    @Test func `the start occurs also where no rule makes it, and is the first of COUNT`() throws {
        // A Tuesday.
        let set = try RecurrenceSet("20260303", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3")
        #expect(try set.first(9) == ["2026-03-03", "2026-03-09", "2026-03-16"])
    }

    @Test func `excluded occurrences count`() throws {
        let set = try RecurrenceSet(
            "20260302T090000", in: "Europe/Berlin", "RRULE:FREQ=DAILY;COUNT=4",
            "EXDATE;TZID=Europe/Berlin:20260303T090000,20260304T090000")
        #expect(try set.firstLocal(9) == ["2026-03-02T09:00:00", "2026-03-05T09:00:00"])
    }

    @Test func `COUNT counts from the start, wherever one looks`() throws {
        let set = try RecurrenceSet(
            "20200101T120000", in: "UTC", "RRULE:FREQ=DAILY;BYHOUR=6,12,18;COUNT=5000")
        let all = set.occurrences(in: try utc("2020-01-01T00:00:00Z")..<utc("2030-01-01T00:00:00Z"))
        #expect(all.limit == .occurrences)
        #expect(all.starts.count == RecurrenceLimit.maxOccurrences)
        let rest = set.occurrences(in: try utc("2024-07-23T00:00:00Z")..<utc("2030-01-01T00:00:00Z"))
        // 1,665 days bring 4,994 of them, because the first day has two.
        #expect(
            rest.starts.map { $0.formatted(.iso8601) } == [
                "2024-07-23T06:00:00Z", "2024-07-23T12:00:00Z", "2024-07-23T18:00:00Z", "2024-07-24T06:00:00Z",
                "2024-07-24T12:00:00Z", "2024-07-24T18:00:00Z",
            ])
        #expect(rest.limit == nil)
    }

    @Test(arguments: [
        ("20260304T080000Z", 3), ("20260304T075959Z", 2), ("20260304T090000", 3), ("20260304T085959", 2),
        // A day bounds times at its end.
        ("20260304", 3), ("20260303", 2), ("20250101", 1),
    ])
    func `UNTIL includes what it names`(until: String, count: Int) throws {
        let set = try RecurrenceSet("20260302T090000", in: "Europe/Berlin", "RRULE:FREQ=DAILY;UNTIL=\(until)")
        #expect(try set.first(9).count == count)
    }

    @Test(arguments: [("20260304", 3), ("20260303", 2), ("20260304T000000Z", 3), ("20260304T120000", 3)])
    func `UNTIL bounds days, inclusively`(until: String, count: Int) throws {
        let set = try RecurrenceSet("20260302", "RRULE:FREQ=DAILY;UNTIL=\(until)")
        #expect(try set.first(9).count == count)
    }

    @Test func `rules and dates are one row, in which each instant comes once`() throws {
        let set = try RecurrenceSet(
            "20260302T090000", in: "Europe/Berlin", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2",
            "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3",
            "RDATE;TZID=America/New_York:20260309T040000,20260306T030000", "RDATE:20260301T120000,20260310T110000Z")
        #expect(
            try set.first(20) == [
                "2026-03-01T11:00:00Z", "2026-03-02T08:00:00Z", "2026-03-04T08:00:00Z", "2026-03-06T08:00:00Z",
                "2026-03-09T08:00:00Z", "2026-03-10T11:00:00Z",
            ])
    }

    @Test func `EXRULE takes away what it makes, and not the start for being a start`() throws {
        let set = try RecurrenceSet(
            "20260302", "RRULE:FREQ=DAILY;COUNT=7", "EXRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=2",
            "RDATE;VALUE=DATE:20260401")
        #expect(
            try set.first(20) == ["2026-03-02", "2026-03-04", "2026-03-06", "2026-03-07", "2026-03-08", "2026-04-01"])
    }

    @Test func `a day that is excluded takes the times on it away`() throws {
        let set = try RecurrenceSet(
            "20260302T233000", in: "America/New_York", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260303")
        #expect(try set.firstLocal(9) == ["2026-03-02T23:30:00", "2026-03-04T23:30:00"])
    }

    @Test func `a range holds its start and not its end`() throws {
        let set = try RecurrenceSet("20260302T090000", in: "UTC", "RRULE:FREQ=DAILY")
        let found = set.occurrences(in: try utc("2026-03-03T09:00:00Z")..<utc("2026-03-05T09:00:00Z"))
        #expect(found.starts == [try utc("2026-03-03T09:00:00Z"), try utc("2026-03-04T09:00:00Z")])
        let shifted = try utc("2026-03-03T09:00:00Z").addingTimeInterval(0.5)
        #expect(set.occurrences(in: shifted..<shifted.addingTimeInterval(86_400)).starts.count == 1)
        let days = try RecurrenceSet("20260302", "RRULE:FREQ=DAILY").occurrences(
            in: day("2026-03-03")..<day("2026-03-05"))
        #expect(days == Occurrences(starts: [try day("2026-03-03"), try day("2026-03-04")], limit: nil))
    }

    @Test(arguments: [
        (
            "RRULE:FREQ=WEEKLY;WKST=SU;UNTIL=20260401T065959Z;BYDAY=MO,WE",
            ["03-02", "03-04", "03-09", "03-11", "03-16"]
        ),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", ["03-02", "03-03", "03-04", "03-05", "03-06", "03-09"]),
        ("RRULE:FREQ=MONTHLY;BYDAY=1MO", ["03-02", "04-06", "05-04", "06-01"]),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1MO", ["03-02", "03-30", "04-27", "05-25"]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2", ["03-02", "03-16", "03-30", "04-13"]),
        ("RRULE:FREQ=DAILY;INTERVAL=3", ["03-02", "03-05", "03-08"]),
        ("rrule:freq=monthly;bymonthday=+2", ["03-02", "04-02", "05-02"]),
    ])
    func `Google's usual rules recur`(line: String, dates: [String]) throws {
        let set = try RecurrenceSet("20260302T100000", in: "America/Los_Angeles", line)
        #expect(try set.firstLocal(dates.count) == dates.map { "2026-\($0)T10:00:00" })
    }

    @Test func `29 February recurs in leap years, and 2100 is none`() throws {
        let set = try RecurrenceSet("20880229", "RRULE:FREQ=YEARLY")
        let found = set.occurrences(in: try day("2088-01-01")..<day("2108-01-01"))
        #expect(found.starts.map(\.description) == ["2088-02-29", "2092-02-29", "2096-02-29", "2104-02-29"])
        let ends = try RecurrenceSet("20230228", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1")
        #expect(try ends.first(3) == ["2023-02-28", "2024-02-29", "2025-02-28"])
        let last = try RecurrenceSet("20241231", "RRULE:FREQ=YEARLY;BYYEARDAY=366")
        #expect(try last.first(2) == ["2024-12-31", "2028-12-31"])
    }

    @Test func `the 31st is left out where there is none`() throws {
        let set = try RecurrenceSet("20260131", "RRULE:FREQ=MONTHLY")
        #expect(try set.first(4) == ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"])
    }

    @Test func `places are those in a whole period, also in the first`() throws {
        // A Thursday: the first of the week's set was before the start.
        let week = try RecurrenceSet("20260305", "RRULE:FREQ=WEEKLY;BYDAY=TU,TH,SA;BYSETPOS=1,-1")
        #expect(try week.first(4) == ["2026-03-05", "2026-03-07", "2026-03-10", "2026-03-14"])
        let minutes = try RecurrenceSet(
            "20260302T000001", in: "UTC", "RRULE:FREQ=MINUTELY;INTERVAL=30;BYSECOND=1,2,3;BYSETPOS=-3")
        #expect(try minutes.firstLocal(2) == ["2026-03-02T00:00:01", "2026-03-02T00:30:01"])
        let never = try RecurrenceSet("20260302", "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6")
        #expect(try never.first(2) == ["2026-03-02"])
    }

    @Test func `weeks are numbered as ISO 8601 does, and their days belong to the calendar's year`() throws {
        let first = try RecurrenceSet("20251229", "RRULE:FREQ=YEARLY;BYWEEKNO=1")
        #expect(try first.first(3) == ["2025-12-29", "2027-01-04", "2028-01-03"])
        let last = try RecurrenceSet("20201231", "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=TH,FR")
        #expect(try last.first(3) == ["2020-12-31", "2021-01-01", "2026-12-31"])
        let turn = try RecurrenceSet("20101226", "RRULE:FREQ=YEARLY;BYWEEKNO=51,52;BYDAY=SU")
        #expect(try turn.first(3) == ["2010-12-26", "2011-01-02", "2011-12-25"])
    }

    @Test func `parts of a day are ignored for whole days, and second 60 is second 59`() throws {
        let days = try RecurrenceSet("20260302", "RRULE:FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30;COUNT=2")
        #expect(try days.first(5) == ["2026-03-02", "2026-03-03"])
        let set = try RecurrenceSet("20260302T090059", in: "UTC", "RRULE:FREQ=DAILY;BYSECOND=59,60;COUNT=2")
        #expect(try set.firstLocal(5) == ["2026-03-02T09:00:59", "2026-03-03T09:00:59"])
    }
}
