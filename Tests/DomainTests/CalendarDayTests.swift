import Testing

@testable import Domain

@Suite struct CalendarDayTests {
    @Test(arguments: ["2026-01-31", "2028-02-29", "0001-01-01", "9999-12-31"])
    func `a day is read`(text: String) { #expect(CalendarDay(text)?.description == text) }

    @Test(arguments: [
        "", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31", "0000-01-01", "2026-1-1", "20260131",
        "2026-01-31T00:00:00Z", " 2026-01-31", "-026-01-31", "+026-01-31", "２０２６-01-31", "2026--1-31",
    ])
    func `what is no day is not`(text: String) { #expect(CalendarDay(text) == nil) }

    @Test func `days are in order, and so many days apart`() throws {
        let last = try day("2024-02-28")
        #expect(last.adding(days: 2) == (try day("2024-03-01")))
        #expect(last.adding(days: -59) == (try day("2023-12-31")))
        #expect(last < last.adding(days: 1))
        #expect(try day("9999-12-31").adding(days: 1) == day("9999-12-31"))
        #expect(last.adding(days: .max).description == "9999-12-31")
        #expect(last.adding(days: .min).description == "0001-01-01")
        #expect(try day("1970-01-01").number == 0)
    }

    @Test func `weeks belong to the year that has most of them`() throws {
        let known = [
            ("2020-12-31", 53, 53), ("2021-01-03", 53, 53), ("2021-01-04", 1, 52), ("2025-12-29", 1, 53),
            ("2024-12-30", 1, 52), ("2026-12-31", 53, 53), ("2000-01-01", 52, 52),
        ]
        for (text, number, count) in known {
            let week = CivilYear.week(of: try day(text).number, startingOn: .monday)
            #expect(week.number == number, "\(text)")
            #expect(week.count == count, "\(text)")
        }
        #expect(CivilYear.week(of: try day("2026-01-04").number, startingOn: .sunday).number == 1)
    }
}
