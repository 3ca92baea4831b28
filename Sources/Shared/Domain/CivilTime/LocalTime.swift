package import FoundationEssentials

/// What a clock shows, to the second, without the zone it hangs in: `2026-01-31T08:00:00`.
package struct LocalTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Since 1970-01-01 00:00 on this clock.
    let seconds: Int

    init(seconds: Int) { self.seconds = seconds }

    /// `nil` for anything that is not a date and a time without an offset, as RFC 3339 writes them.
    package init?(_ text: some StringProtocol) {
        guard let cut = text.firstIndex(of: "T"), let day = CalendarDay(text[..<cut]) else { return nil }
        let parts = text[cut...].dropFirst().utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 2, 2], let hour = parts[0].decimal, let minute = parts[1].decimal,
            let second = parts[2].decimal
        else { return nil }
        self.init(day: day, hour: hour, minute: minute, second: second)
    }

    /// `nil`: no clock shows that. Second 60 is second 59, as RFC 5545 section 3.3.12 asks of those who keep no leap
    /// seconds.
    init?(day: CalendarDay, hour: Int, minute: Int, second: Int) {
        guard hour <= 23, minute <= 59, second <= 60 else { return nil }
        seconds = day.number * 86_400 + hour * 3600 + minute * 60 + min(second, 59)
    }

    /// What the clock shows at an instant, parts of a second left out. Instants outside the years 1 to 4000 count as
    /// the first or last one in them.
    package init(at instant: Date, in zone: ZoneOffsets) {
        let instant = EpochSeconds.seconds(instant) ?? EpochSeconds.end
        seconds = instant + zone.secondsFromGMT(instant)
    }

    var day: CalendarDay { CalendarDay(number: seconds.quotient(86_400)) }

    /// When the clock shows it: for the first time, or as if it had not been set forward, where it skips this time.
    package func instant(in zone: ZoneOffsets) -> Date { EpochSeconds.date(zone.instant(ofLocal: seconds)) }

    package var description: String {
        let time = seconds.modulo(86_400)
        let parts = [time / 3600, time / 60 % 60, time % 60].map { $0.padded(to: 2) }
        return "\(day)T\(parts.joined(separator: ":"))"
    }

    package static func < (one: LocalTime, other: LocalTime) -> Bool { one.seconds < other.seconds }
}
