/// Cron on a clock that is never changed. Such a clock's time is written as the seconds from its own 1970-01-01 00:00.
extension CronExpression {
    /// Further than the longest wait, 40 years for a 29 February on one weekday across a year such as 2100.
    private static let maxMonths = 12 * 50

    /// The first whole minute that matches, at a wall time or after it. `nil`: none within 50 years.
    func firstMatch(atOrAfter wall: Int) -> Int? {
        let minutes = (wall + 59).quotient(60)
        let today = minutes.quotient(1440)
        let timeOfDay = minutes.modulo(1440)
        if isMatching(day: today), let match = firstTime(atOrAfter: timeOfDay) {
            return (today * 1440 + match) * 60
        }
        guard let day = firstMatchingDay(atOrAfter: today + 1), let match = firstTime(atOrAfter: 0) else { return nil }
        return (day * 1440 + match) * 60
    }

    /// A time of day, in minutes.
    private func firstTime(atOrAfter time: Int) -> Int? {
        let now = time / 60
        if hour.contains(now), let match = minute.first(atOrAfter: time % 60) { return now * 60 + match }
        guard let later = hour.first(atOrAfter: now + 1), let match = minute.first(atOrAfter: 0) else { return nil }
        return later * 60 + match
    }

    private func isMatching(day: Int) -> Bool {
        let its = CivilMonth(containing: day)
        return matchingDays(of: its) >> UInt64(day - its.firstDay) & 1 == 1
    }

    private func firstMatchingDay(atOrAfter day: Int) -> Int? {
        var its = CivilMonth(containing: day)
        var passed = UInt64(day - its.firstDay)
        for _ in 0..<Self.maxMonths {
            let rest = matchingDays(of: its) >> passed
            if rest != 0 { return its.firstDay + Int(passed) + rest.trailingZeroBitCount }
            its = its.next
            passed = 0
        }
        return nil
    }

    /// Bit 0 is the first of the month.
    private func matchingDays(of its: CivilMonth) -> UInt64 {
        guard month.contains(its.month) else { return 0 }
        // The week that the month begins in the middle of, five times over.
        let week = dayOfWeek.bits >> UInt64(its.firstWeekday) | dayOfWeek.bits << UInt64(7 - its.firstWeekday)
        let weekdays = (0..<5).reduce(UInt64(0)) { $0 | (week & 0x7F) << UInt64($1 * 7) }
        let dates = dayOfMonth.bits >> 1
        return (needsBothDays ? dates & weekdays : dates | weekdays) & ((1 << UInt64(its.length)) - 1)
    }
}
