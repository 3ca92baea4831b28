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
        // An estimate from the mean length of a year, which is off by one year at most.
        var year = 1970 + Int((Double(day) / 365.2425).rounded(.down))
        if Self.day(ofFirst: 1, in: year) > day { year -= 1 }
        if Self.day(ofFirst: 1, in: year + 1) <= day { year += 1 }
        let month = (1...12).last { Self.day(ofFirst: $0, in: year) <= day } ?? 1
        self.init(year: year, month: month)
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
