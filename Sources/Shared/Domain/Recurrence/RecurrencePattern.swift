/// A rule with what it leaves out taken from the event's start: "the appropriate minute, hour, day, or month would have
/// been retrieved from the DTSTART property" (RFC 5545 section 3.3.10). Local times are seconds since 1970-01-01 00:00
/// on the event's own clock, days are counted from that date.
struct RecurrencePattern: Sendable {
    let frequency: RecurrenceFrequency
    let weekStart: Weekday
    private(set) var months: [Int]
    private(set) var monthDays: [Int]
    private let yearDays: [Int]
    private let weekNumbers: [Int]
    private(set) var days: [RecurrenceDay]
    /// Empty, as minutes and seconds are: any, because the frequency is as fine or finer.
    private(set) var hours: [Int]
    private(set) var minutes: [Int]
    private(set) var seconds: [Int]
    let positions: [Int]
    /// Ordinals of weekdays count in the month and not in the year.
    private let countsInMonth: Bool

    /// - Parameter isAllDay: Parts of a day are then ignored, as the RFC asks.
    init(_ rule: RecurrenceRule, start: Int, isAllDay: Bool) {
        frequency = rule.frequency
        weekStart = rule.weekStart
        months = rule.months
        monthDays = rule.monthDays
        yearDays = rule.yearDays
        weekNumbers = rule.weekNumbers
        days = rule.days
        hours = isAllDay ? [] : rule.hours
        minutes = isAllDay ? [] : rule.minutes
        // This clock keeps no leap seconds, and second 60 then is second 59 (section 3.3.12).
        seconds = isAllDay ? [] : Set(rule.seconds.map { min($0, 59) }).sorted()
        positions = rule.positions
        countsInMonth = rule.frequency == .monthly || !rule.months.isEmpty
        takeDay(of: start.quotient(86_400))
        takeTime(of: start.modulo(86_400))
    }

    private mutating func takeDay(of start: Int) {
        guard days.isEmpty, monthDays.isEmpty, yearDays.isEmpty, frequency >= .weekly else { return }
        if frequency == .weekly || !weekNumbers.isEmpty {
            days = Weekday(rawValue: CivilMonth.weekday(of: start)).map { [RecurrenceDay($0)] } ?? []
            return
        }
        let month = CivilMonth(containing: start)
        monthDays = [start - month.firstDay + 1]
        if frequency == .yearly, months.isEmpty { months = [month.month] }
    }

    private mutating func takeTime(of start: Int) {
        if hours.isEmpty, frequency > .hourly { hours = [start / 3600] }
        if minutes.isEmpty, frequency > .minutely { minutes = [start / 60 % 60] }
        if seconds.isEmpty, frequency > .secondly { seconds = [start % 60] }
    }

    func admits(_ month: CivilMonth) -> Bool { months.isEmpty || months.contains(month.month) }

    /// - Parameter month: The one that holds the day.
    func admits(_ day: Int, of month: CivilMonth) -> Bool {
        let passed = day - month.firstDay
        return admits(month) && Self.admits(passed, of: month.length, in: monthDays) && admitsInYear(day, of: month)
            && admitsWeekday(day, of: month)
    }

    private func admitsInYear(_ day: Int, of month: CivilMonth) -> Bool {
        if !yearDays.isEmpty {
            let year = CivilYear(month.year)
            guard Self.admits(day - year.firstDay, of: year.length, in: yearDays) else { return false }
        }
        guard !weekNumbers.isEmpty else { return true }
        let week = CivilYear.week(of: day, startingOn: weekStart)
        return Self.admits(week.number - 1, of: week.count, in: weekNumbers)
    }

    private func admitsWeekday(_ day: Int, of month: CivilMonth) -> Bool {
        guard !days.isEmpty else { return true }
        let weekday = CivilMonth.weekday(of: day)
        return days.contains { candidate in
            guard candidate.weekday.rawValue == weekday else { return false }
            guard let ordinal = candidate.ordinal else { return true }
            let year = CivilYear(month.year)
            let first = countsInMonth ? month.firstDay : year.firstDay
            let length = countsInMonth ? month.length : year.length
            let passed = day - first
            return ordinal == (ordinal > 0 ? passed / 7 + 1 : -((length - 1 - passed) / 7 + 1))
        }
    }

    /// Whether something is named by its place, from 1 on or from -1 backwards. No names admit all.
    private static func admits(_ passed: Int, of length: Int, in names: [Int]) -> Bool {
        names.isEmpty || names.contains(passed + 1) || names.contains(passed - length)
    }
}
