/// A month of the proleptic Gregorian calendar. Days are counted from 1970-01-01, which is day 0 and a Thursday.
struct CivilMonth: Sendable, Equatable {
    private(set) var year: Int
    /// From 1.
    private(set) var month: Int
    private(set) var firstDay: Int

    init(year: Int, month: Int) {
        self.year = year
        self.month = month
        firstDay = Self.day(ofFirst: month, in: year)
    }

    /// The month that holds a day.
    init(containing day: Int) {
        // Counted from 0000-03-01, so that a leap day is the last of its year, in cycles of 400 years.
        let days = day + 719_468
        let cycle = days.quotient(146_097)
        let dayOfCycle = days - cycle * 146_097
        let leapDays = dayOfCycle / 1_460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
        let yearOfCycle = (dayOfCycle - leapDays) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        // From March on, each five months have 153 days.
        let sinceMarch = (5 * dayOfYear + 2) / 153
        firstDay = day - (dayOfYear - (153 * sinceMarch + 2) / 5)
        month = sinceMarch < 10 ? sinceMarch + 3 : sinceMarch - 9
        year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    }

    var next: CivilMonth {
        month == 12 ? CivilMonth(year: year + 1, month: 1) : CivilMonth(year: year, month: month + 1)
    }

    var length: Int { Self.length(of: month, isLeap: Self.isLeap(year)) }

    /// Of its first day; Sunday is 0.
    var firstWeekday: Int { Self.weekday(of: firstDay) }

    static func weekday(of day: Int) -> Int { (day + 4).modulo(7) }

    static func length(of month: Int, isLeap: Bool) -> Int {
        switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    private static let daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

    private static func day(ofFirst month: Int, in year: Int) -> Int {
        let past = year - 1
        let leapDays = past.quotient(4) - past.quotient(100) + past.quotient(400)
        // 719,162 days lie between 0001-01-01 and 1970-01-01.
        let newYear = past * 365 + leapDays - 719_162
        return newYear + daysBeforeMonth[month - 1] + (month > 2 && isLeap(year) ? 1 : 0)
    }
}

extension Int {
    /// Division that rounds down, also below zero.
    func quotient(_ divisor: Int) -> Int { (self - modulo(divisor)) / divisor }

    /// What `quotient` leaves: 0 or more.
    func modulo(_ divisor: Int) -> Int {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }
}
