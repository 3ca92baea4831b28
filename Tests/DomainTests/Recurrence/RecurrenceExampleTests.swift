import Foundation
import Testing

@testable import Domain

/// Every example of RFC 5545 section 3.8.5.3, with the dates as they are published there.
@Suite struct RecurrenceExampleTests {
    @Test(
        arguments: RecurrenceExample.days + RecurrenceExample.weeks + RecurrenceExample.months + RecurrenceExample.years
    )
    func `an example of the RFC recurs as it is published`(example: RecurrenceExample) throws {
        let expected = try example.instants().map { Date(timeIntervalSince1970: Double($0)) }
        try #require(!expected.isEmpty)
        for rule in example.rules {
            let set = try RecurrenceSet("\(example.start)T090000", in: "America/New_York", "RRULE:\(rule)")
            let range = try utc("1990-01-01T00:00:00Z")..<utc("2090-01-01T00:00:00Z")
            let found = set.occurrences(in: range, atMost: example.isOpen ? expected.count : 2_000)
            #expect(found.starts == expected, "\(rule)")
            #expect(found.limit == (example.isOpen ? .occurrences : nil))
        }
    }

    @Test func `every Friday the 13th recurs as it is published, without the start that is excluded`() throws {
        let set = try RecurrenceSet(
            "19970902T090000", in: "America/New_York", "EXDATE;TZID=America/New_York:19970902T090000",
            "RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13")
        #expect(
            try set.first(5) == [
                "1998-02-13T14:00:00Z", "1998-03-13T14:00:00Z", "1998-11-13T14:00:00Z", "1999-08-13T13:00:00Z",
                "2000-10-13T13:00:00Z",
            ])
    }

    @Test(arguments: [
        // Until 17:00 UTC, which is 13:00 in New York. The RFC has 15:00 among them: erratum 3883.
        ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z", ["09:00", "12:00"]),
        ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", ["09:00", "12:00", "15:00"]),
        ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15"]),
        ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", ["09:00", "10:30", "12:00", "13:30"]),
    ])
    func `an example within a day recurs as it is published`(rule: String, times: [String]) throws {
        let set = try RecurrenceSet("19970902T090000", in: "America/New_York", "RRULE:\(rule)")
        #expect(try set.firstLocal(20) == times.map { "1997-09-02T\($0):00" })
    }

    @Test(arguments: [
        "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
        "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
    ])
    func `every 20 minutes from 9:00 to 16:40 recurs as it is published`(rule: String) throws {
        let set = try RecurrenceSet("19970902T090000", in: "America/New_York", "RRULE:\(rule)")
        let expected = ["02", "03"].flatMap { day in
            (9...16).flatMap { hour in
                ["00", "20", "40"].map { "1997-09-\(day)T\(hour.padded(to: 2)):\($0):00" }
            }
        }
        #expect(try set.firstLocal(48) == expected)
    }

    @Test func `the evaluation that section 3.3.10 explains step by step comes out`() throws {
        let set = try RecurrenceSet(
            "19970105T083000", in: "America/New_York",
            "RRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=1;BYDAY=SU;BYHOUR=8,9;BYMINUTE=30")
        let sundays = ["1997-01-05", "1997-01-12", "1997-01-19", "1997-01-26", "1999-01-03"]
        #expect(try set.firstLocal(10) == sundays.flatMap { ["\($0)T08:30:00", "\($0)T09:30:00"] })
    }
}
