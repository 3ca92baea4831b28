import FoundationEssentials

extension EventMoment {
    /// As a time: `nil` for a day, and where the calendar's is meant.
    var zone: String? { if case .time(_, let zone) = self { zone } else { nil } }

    /// As the starts of a series of days. `nil`: it is a time.
    var daySeconds: Int? { if case .day(let day) = self { day.number * 86_400 } else { nil } }

    /// As the starts of a series of times. `nil`: it is a day.
    var instantSeconds: Int? { if case .time(let instant, _) = self { EpochSeconds.seconds(instant) } else { nil } }

    /// As the provider's instance ids and iCalendar have it: `20260101T090000Z`, or `20260101`.
    var digits: String {
        switch self {
        case .day(let day): day.description.filter { $0 != "-" }
        case .time(let instant, _): LocalTime(at: instant, in: .utc).digits + "Z"
        }
    }
}

extension LocalTime {
    /// As iCalendar has it: `20260101T090000`.
    var digits: String { description.filter { $0 != "-" && $0 != ":" } }
}
