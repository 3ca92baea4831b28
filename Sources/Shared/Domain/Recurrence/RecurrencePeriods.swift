/// The periods of a rule, numbered from the one that holds the event's start, which is 0.
struct RecurrencePeriods: Sendable {
    private let frequency: RecurrenceFrequency
    private let interval: Int
    private let weekStart: Weekday
    private var base = 0

    init(_ rule: RecurrenceRule, start: Int) {
        frequency = rule.frequency
        interval = rule.interval
        weekStart = rule.weekStart
        base = unit(holding: start)
    }

    /// The local time at which a period begins.
    func start(of index: Int) -> Int { start(ofUnit: base + index * interval) }

    /// The last period that does not begin after a local time; 0 at least.
    func index(atOrBefore local: Int) -> Int { max(0, (unit(holding: local) - base).quotient(interval)) }

    /// The first period that does not begin before a unit's start.
    func index(atOrAfter local: Int) -> Int { max(0, (unit(holding: local) - base + interval - 1).quotient(interval)) }

    /// Years, months, weeks and so on, counted through.
    private func unit(holding local: Int) -> Int {
        let day = local.quotient(86_400)
        switch frequency {
        case .yearly: return CivilMonth(containing: day).year
        case .monthly:
            let month = CivilMonth(containing: day)
            return month.year * 12 + month.month - 1
        case .weekly: return (day + daysIntoWeek).quotient(7)
        case .daily: return day
        case .hourly: return local.quotient(3600)
        case .minutely: return local.quotient(60)
        case .secondly: return local
        }
    }

    private func start(ofUnit unit: Int) -> Int {
        switch frequency {
        case .yearly: CivilMonth(year: unit, month: 1).firstDay * 86_400
        case .monthly: CivilMonth(year: unit.quotient(12), month: unit.modulo(12) + 1).firstDay * 86_400
        case .weekly: (unit * 7 - daysIntoWeek) * 86_400
        case .daily: unit * 86_400
        case .hourly: unit * 3600
        case .minutely: unit * 60
        case .secondly: unit
        }
    }

    /// How far 1970-01-01 is into its week.
    private var daysIntoWeek: Int { (CivilMonth.weekday(of: 0) - weekStart.rawValue).modulo(7) }
}
