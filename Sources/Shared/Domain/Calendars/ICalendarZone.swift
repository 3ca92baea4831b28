import FoundationEssentials

/// A zone as RFC 5545 section 3.6.5 describes it: what its clocks were set to when, in the years that matter. Readers
/// that know the zone's name mostly go by what they know.
struct ICalendarZone {
    let zone: ZoneOffsets
    /// Seconds since 1970-01-01 00:00 UTC. What clocks showed before it is left out, and after it nothing changes.
    let years: Range<Int>

    /// Sets of clocks from one offset to another, in the order of their first times.
    private var observances: [(from: Int, to: Int, changes: [Int])] {
        var observances: [(from: Int, to: Int, changes: [Int])] = []
        for change in zone.changes(after: years.lowerBound, through: years.upperBound) {
            let place = observances.firstIndex { $0.from == change.from && $0.to == change.to }
            if let place {
                observances[place].changes.append(change.at)
            } else {
                observances.append((change.from, change.to, [change.at]))
            }
        }
        return observances
    }

    func write(to lines: inout ICalendarLines) {
        lines.add("BEGIN", value: "VTIMEZONE")
        lines.add("TZID", value: zone.name)
        let first = zone.secondsFromGMT(years.lowerBound)
        write(from: first, to: first, [years.lowerBound], to: &lines)
        for observance in observances {
            write(from: observance.from, to: observance.to, observance.changes, to: &lines)
        }
        lines.add("END", value: "VTIMEZONE")
    }

    private func write(from: Int, to: Int, _ changes: [Int], to lines: inout ICalendarLines) {
        // Whether it is summer time is not known of a zone. Forward is, in most.
        let name = to > from ? "DAYLIGHT" : "STANDARD"
        let times = changes.map { LocalTime(seconds: $0 + from).digits }
        lines.add("BEGIN", value: name)
        lines.add("DTSTART", value: times[0])
        lines.add("TZOFFSETFROM", value: Self.text(from))
        lines.add("TZOFFSETTO", value: Self.text(to))
        if times.count > 1 { lines.add("RDATE", value: times.dropFirst().joined(separator: ",")) }
        lines.add("END", value: name)
    }

    /// `+0100`, or `-045602` (section 3.3.14).
    static func text(_ offset: Int) -> String {
        let size = abs(offset)
        let seconds = size % 60 == 0 ? "" : (size % 60).padded(to: 2)
        return (offset < 0 ? "-" : "+") + (size / 3600).padded(to: 2) + (size / 60 % 60).padded(to: 2) + seconds
    }
}
