import Domain
import FoundationEssentials

extension JSONWriter {
    /// As `EventMoment` has it: a day, or a time and its zone.
    mutating func field(_ name: StaticString, _ moment: EventMoment?) {
        key(name)
        guard let moment else { return null() }
        object { object in
            switch moment {
            case .day(let day): object.field("date", day.description)
            case .time(let instant, let zone):
                object.field("dateTime", instant.formatted(.iso8601))
                if let zone { object.field("timeZone", zone) }
            }
        }
    }
}
