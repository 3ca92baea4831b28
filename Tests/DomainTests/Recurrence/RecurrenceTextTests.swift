import Testing

@testable import Domain

@Suite struct RecurrenceTextTests {
    @Test func `every part is read`() throws {
        let rule = try RecurrenceRule(
            "RRULE:FREQ=YEARLY;INTERVAL=2;UNTIL=20301231T235959Z;WKST=SU;BYMONTH=3,1;BYMONTHDAY=-1,15,15;BYYEARDAY=-366"
                + ";BYDAY=+1MO,-1FR,TU;BYHOUR=9;BYMINUTE=0,30;BYSECOND=60;BYSETPOS=-1")
        #expect(rule.frequency == .yearly)
        #expect(rule.interval == 2)
        #expect(rule.count == nil)
        #expect(rule.until == RecurrenceMoment("20301231T235959Z"))
        #expect(rule.weekStart == .sunday)
        #expect(rule.months == [1, 3])
        #expect(rule.monthDays == [-1, 15])
        #expect(rule.yearDays == [-366])
        #expect(
            rule.days == [
                RecurrenceDay(.monday, ordinal: 1), RecurrenceDay(.friday, ordinal: -1), RecurrenceDay(.tuesday),
            ])
        #expect(rule.hours == [9])
        #expect(rule.minutes == [0, 30])
        #expect(rule.seconds == [60])
        #expect(rule.positions == [-1])
        #expect(try RecurrenceRule("freq=weekly;byday=mo") == RecurrenceRule("BYDAY=MO;FREQ=WEEKLY;INTERVAL=1;WKST=MO"))
        #expect(try RecurrenceRule("FREQ=YEARLY;BYWEEKNO=53,-1").weekNumbers == [-1, 53])
    }

    @Test(
        arguments: [
            ("", nil), ("FREQ=DAILY;", nil), ("FREQ=DAILY;;COUNT=1", nil), ("FREQ", nil), ("INTERVAL=1", "FREQ"),
            ("FREQ=FORTNIGHTLY", "FREQ"), ("FREQ=DAILY;FREQ=DAILY", "FREQ"), ("FREQ=DAILY;COUNT=", "COUNT"),
            ("FREQ=DAILY;COUNT=0", "COUNT"), ("FREQ=DAILY;COUNT=-1", "COUNT"), ("FREQ=DAILY;COUNT=+1", "COUNT"),
            ("FREQ=DAILY;COUNT=1234567890", "COUNT"), ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
            ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL"), ("FREQ=DAILY;COUNT=1;UNTIL=20260101", "COUNT"),
            ("FREQ=DAILY;UNTIL=20260230", "UNTIL"), ("FREQ=DAILY;UNTIL=2026-01-01", "UNTIL"),
            ("FREQ=DAILY;UNTIL=20260101T250000Z", "UNTIL"), ("FREQ=DAILY;BYMONTH=13", "BYMONTH"),
            ("FREQ=DAILY;BYMONTH=-1", "BYMONTH"), ("FREQ=DAILY;BYMONTH=1,,2", "BYMONTH"),
            ("FREQ=DAILY;BYHOUR=24", "BYHOUR"),
            ("FREQ=DAILY;BYMINUTE=60", "BYMINUTE"), ("FREQ=DAILY;BYSECOND=61", "BYSECOND"),
            ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"), ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
            ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY"), ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY"),
            ("FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY"), ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO"),
            ("FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO"), ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
            ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY"), ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY"),
            ("FREQ=MONTHLY;BYDAY=54MO", "BYDAY"), ("FREQ=MONTHLY;BYDAY=MON", "BYDAY"), ("FREQ=MONTHLY;BYDAY=", "BYDAY"),
            ("FREQ=MONTHLY;BYDAY=M", "BYDAY"), ("FREQ=MONTHLY;BYDAY=+-1MO", "BYDAY"), ("FREQ=DAILY;WKST=1MO", "WKST"),
            ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"), ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367", "BYSETPOS"),
            ("FREQ=MONTHLY;SKIP=FORWARD", "SKIP"), ("RSCALE=GREGORIAN;FREQ=MONTHLY", "RSCALE"),
            ("FREQ=DAILY;X-COLOUR=BLUE", "X-COLOUR"), ("FREQ=DAILY; COUNT=1", "(no name)"),
            ("FREQ=DAILY;BYMONTH=１", "BYMONTH"),
        ] as [(String, String?)])
    func `what is no rule is refused, and the part is named`(text: String, part: String?) throws {
        let error = #expect(throws: InvalidRecurrence.self) { try RecurrenceRule(text) }
        #expect(error?.property == "RRULE")
        #expect(error?.part == part)
        #expect(error?.message.isEmpty == false)
    }

    @Test(
        arguments: [
            ("", "(no name)", nil), ("FREQ=DAILY", "FREQ", nil), ("RRULE", "RRULE", nil),
            ("RRULE;X=1:FREQ=DAILY", "RRULE", "X"),
            ("EXRULE:FREQ=NEVER", "EXRULE", "FREQ"), ("DTSTART:20260101T000000Z", "DTSTART", nil),
            ("SUMMARY:x", "SUMMARY", nil), ("EXDATE:", "EXDATE", nil), ("EXDATE:20260101T000000,", "EXDATE", nil),
            ("EXDATE;TZID=Mars/Olympus:20260101T000000", "EXDATE", "TZID"),
            ("EXDATE;TZID=\"UTC:20260101T000000", "EXDATE", nil),
            ("EXDATE;TZID:20260101T000000", "EXDATE", nil), ("EXDATE;RANGE=ALL:20260101T000000Z", "EXDATE", "RANGE"),
            ("EXDATE;VALUE=DATE:20260101T000000", "EXDATE", "VALUE"),
            ("EXDATE;VALUE=DATE-TIME:20260101", "EXDATE", "VALUE"),
            ("RDATE;VALUE=PERIOD:20260101T000000Z/PT1H", "RDATE", "VALUE"),
            ("RDATE:20260101T000000Z/PT1H", "RDATE", nil),
            ("RDATE;VALUE=DATE:20260101", "RDATE", nil),
        ] as [(String, String, String?)])
    func `a line that is none is refused, and named`(line: String, property: String, part: String?) throws {
        let error = #expect(throws: InvalidRecurrence.self) {
            try RecurrenceSet("20260101T000000", in: "UTC", line)
        }
        #expect(error?.property == property)
        #expect(error?.part == part)
    }

    @Test(arguments: ["RRULE:FREQ=HOURLY", "EXDATE:20260101T000000", "RDATE:20260101T000000Z"])
    func `an event of whole days has no times`(line: String) throws {
        #expect(throws: InvalidRecurrence.self) { try RecurrenceSet("20260101", line) }
    }

    @Test func `names are read in any case, and a zone in quotation marks`() throws {
        let set = try RecurrenceSet(
            "20260302T090000", in: "Europe/Berlin", "rrule:freq=daily;count=3",
            "exdate;value=date-time;tzid=\"Europe/Berlin\":20260303T090000")
        #expect(try set.firstLocal(5) == ["2026-03-02T09:00:00", "2026-03-04T09:00:00"])
    }

    @Test func `an error repeats no value`() throws {
        let error = #expect(throws: InvalidRecurrence.self) { try RecurrenceRule("FREQ=DAILY;COUNT=geheim") }
        #expect(error?.description.contains("GEHEIM") == false)
        let name = String(repeating: "A", count: 500)
        let unknown = #expect(throws: InvalidRecurrence.self) { try RecurrenceRule("\(name)=1") }
        #expect(unknown?.part?.count == 32)
    }
}
