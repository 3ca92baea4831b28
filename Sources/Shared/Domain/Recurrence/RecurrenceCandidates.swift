/// What a rule makes of one period, ascending: each of some days with each of some times, or the places of BYSETPOS in
/// that. Nothing is multiplied out, because a year may hold 31 million seconds.
struct RecurrenceCandidates {
    private var days: [Int] = []
    private var hours: [Int] = []
    private var minutes: [Int] = []
    private var seconds: [Int] = []
    /// Into the whole. `nil`: all of it.
    private var places: [Int]?

    static let none = RecurrenceCandidates()

    private init() {}

    /// - Parameter start: The local time at which the period begins. Periods finer than a week are known to be
    ///   admitted.
    /// - Returns: `nil`: the budget is spent.
    init?(of pattern: RecurrencePattern, start: Int, steps: inout StepBudget) {
        let time = start.modulo(86_400)
        hours = pattern.frequency <= .hourly ? [time / 3600] : pattern.hours
        minutes = pattern.frequency <= .minutely ? [time / 60 % 60] : pattern.minutes
        seconds = pattern.frequency == .secondly ? [time % 60] : pattern.seconds
        guard insertDays(of: pattern, from: start.quotient(86_400), &steps) else { return nil }
        if !pattern.positions.isEmpty { places = places(pattern.positions) }
    }

    private mutating func insertDays(of pattern: RecurrencePattern, from first: Int, _ steps: inout StepBudget) -> Bool
    {
        switch pattern.frequency {
        case .yearly:
            var month = CivilMonth(containing: first)
            for _ in 1...12 {
                guard insertDays(of: month, pattern, &steps) else { return false }
                month = month.next
            }
        case .monthly: return insertDays(of: CivilMonth(containing: first), pattern, &steps)
        case .weekly: days = (first..<first + 7).filter { pattern.admits($0, of: CivilMonth(containing: $0)) }
        case .daily, .hourly, .minutely, .secondly: days = [first]
        }
        return true
    }

    private mutating func insertDays(
        of month: CivilMonth, _ pattern: RecurrencePattern, _ steps: inout StepBudget
    ) -> Bool {
        guard pattern.admits(month) else { return true }
        for day in month.firstDay..<month.firstDay + month.length {
            guard steps.spend() else { return false }
            if pattern.admits(day, of: month) { days.append(day) }
        }
        return true
    }

    private func places(_ positions: [Int]) -> [Int] {
        let count = days.count * timesPerDay
        let places = positions.map { $0 > 0 ? $0 - 1 : count + $0 }
        return Set(places.filter { (0..<count).contains($0) }).sorted()
    }

    private var timesPerDay: Int { hours.count * minutes.count * seconds.count }

    var count: Int { places?.count ?? days.count * timesPerDay }

    /// A local time.
    subscript(index: Int) -> Int {
        let place = places?[index] ?? index
        let time = place % timesPerDay
        let hour = hours[time / (minutes.count * seconds.count)]
        let minute = minutes[time / seconds.count % minutes.count]
        return days[place / timesPerDay] * 86_400 + hour * 3600 + minute * 60 + seconds[time % seconds.count]
    }

    /// `count`: all are earlier.
    func index(atOrAfter local: Int) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < local { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
