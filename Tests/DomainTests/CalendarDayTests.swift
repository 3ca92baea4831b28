import Domain
import Testing

@Suite struct CalendarDayTests {
    @Test(arguments: ["2026-01-31", "2028-02-29", "0001-01-01", "9999-12-31"])
    func `a day is read`(text: String) { #expect(CalendarDay(text)?.description == text) }

    @Test(arguments: [
        "", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-04-31", "0000-01-01", "2026-1-1", "20260131",
        "2026-01-31T00:00:00Z", " 2026-01-31", "-026-01-31", "+026-01-31", "２０２６-01-31", "2026--1-31",
    ])
    func `what is no day is not`(text: String) { #expect(CalendarDay(text) == nil) }
}
