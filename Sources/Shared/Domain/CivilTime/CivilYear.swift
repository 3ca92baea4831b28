/// A year of the proleptic Gregorian calendar, and its weeks.
struct CivilYear: Sendable, Equatable {
    let year: Int
    let firstDay: Int
    let length: Int

    init(_ year: Int) {
        self.year = year
        firstDay = CivilMonth(year: year, month: 1).firstDay
        length = CivilMonth(year: year + 1, month: 1).firstDay - firstDay
    }

    /// The number of a day's week in the year to which the week belongs, and how many weeks that year has. A week
    /// belongs to the year that has four or more of its days (ISO 8601, with weeks that may start on any day).
    static func week(of day: Int, startingOn weekStart: Weekday) -> (number: Int, count: Int) {
        let middle = day - (CivilMonth.weekday(of: day) - weekStart.rawValue).modulo(7) + 3
        let year = CivilYear(CivilMonth(containing: middle).year)
        let passed = middle - year.firstDay
        return (passed / 7 + 1, (year.length - 1 - passed % 7) / 7 + 1)
    }
}
