package import FoundationEssentials

/// A DATE or DATE-TIME value, in its three forms (RFC 5545 sections 3.3.4 and 3.3.5): `20260131`, `20260131T080000`,
/// `20260131T080000Z`.
package enum RecurrenceMoment: Sendable, Equatable {
    case day(CalendarDay)
    case local(LocalTime)
    case instant(Date)

    /// `nil` for anything else, also for a day or a time that does not exist.
    init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard [8, 15, 16].contains(bytes.count), let year = bytes[0..<4].decimal, let month = bytes[4..<6].decimal,
            let day = bytes[6..<8].decimal, let date = CalendarDay(year: year, month: month, day: day)
        else { return nil }
        guard bytes.count > 8 else {
            self = .day(date)
            return
        }
        guard bytes[8] == UInt8(ascii: "T"), let hour = bytes[9..<11].decimal, let minute = bytes[11..<13].decimal,
            let second = bytes[13..<15].decimal,
            let local = LocalTime(day: date, hour: hour, minute: minute, second: second)
        else { return nil }
        guard bytes.count == 16 else {
            self = .local(local)
            return
        }
        guard bytes[15] == UInt8(ascii: "Z") else { return nil }
        self = .instant(local.instant(in: .utc))
    }
}
