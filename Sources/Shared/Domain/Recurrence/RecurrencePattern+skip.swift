/// How a rule of days or of parts of a day gets past those that it does not admit.
extension RecurrencePattern {
    /// A later time before which nothing is admitted; the start of a period as fine as the frequency. `nil`: the period
    /// that starts at this time is admitted.
    func admission(after local: Int) -> Int? {
        let day = local.quotient(86_400)
        let month = CivilMonth(containing: day)
        guard admits(month) else { return month.next.firstDay * 86_400 }
        guard admits(day, of: month) else { return (day + 1) * 86_400 }
        guard frequency < .daily, let time = timeOfDay(after: local.modulo(86_400)) else { return nil }
        return day * 86_400 + time
    }

    /// In seconds; midnight of the next day is 86,400. `nil`: this time is admitted.
    private func timeOfDay(after time: Int) -> Int? {
        let hour = time / 3600
        guard let laterHour = Self.first(of: hours, atOrAfter: hour) else { return 86_400 }
        if laterHour > hour { return laterHour * 3600 }
        guard frequency < .hourly else { return nil }
        let minute = time / 60 % 60
        guard let laterMinute = Self.first(of: minutes, atOrAfter: minute) else { return (hour + 1) * 3600 }
        if laterMinute > minute { return hour * 3600 + laterMinute * 60 }
        guard frequency < .minutely else { return nil }
        let second = time % 60
        guard let laterSecond = Self.first(of: seconds, atOrAfter: second) else { return (time / 60 + 1) * 60 }
        return laterSecond > second ? time - second + laterSecond : nil
    }

    private static func first(of values: [Int], atOrAfter value: Int) -> Int? {
        values.isEmpty ? value : values.first { $0 >= value }
    }
}
