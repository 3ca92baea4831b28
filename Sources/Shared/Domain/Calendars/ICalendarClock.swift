import FoundationEssentials

/// How an export writes times: each as what the clock of its zone shows. It notes which zones the file has to describe.
struct ICalendarClock: Sendable {
    private var zones: ZoneBook
    private let years: Range<Int>
    private var described: Set<String> = []
    /// To be described before what was written with them.
    private var pending: [ZoneOffsets] = []

    /// - Parameter years: That zones are described in.
    init(calendarZone: ZoneOffsets, years: Range<Int>) {
        zones = ZoneBook(calendarZone: calendarZone)
        self.years = years
    }

    mutating func zone(_ name: String?) -> ZoneOffsets { zones.zone(name) }

    /// The zones that came into use since the last time.
    mutating func describe(to lines: inout ICalendarLines) {
        for zone in pending { ICalendarZone(zone: zone, years: years).write(to: &lines) }
        pending = []
    }

    /// - Parameter isExact: The instant is meant, and not what the clock shows: where that is not in the years that are
    ///   described, or shown twice, it is written in UTC. A rule runs on the clock, and needs it.
    mutating func add(
        _ name: String, _ moment: EventMoment, isExact: Bool = true, to lines: inout ICalendarLines
    ) {
        switch moment {
        case .day(let day): lines.add(name, [("VALUE", "DATE")], value: EventMoment.day(day).digits)
        case .time(let instant, let zoneName):
            let zone = zones.zone(zoneName)
            if zone.isUTC || (isExact && !isClear(instant, in: zone)) {
                lines.add(name, value: moment.digits)
            } else {
                use(zone)
                lines.add(name, [("TZID", zone.name)], value: LocalTime(at: instant, in: zone).digits)
            }
        }
    }

    /// Dates of a series, in the form of its start.
    mutating func add(_ name: String, instants: [Date], zone: ZoneOffsets, to lines: inout ICalendarLines) {
        let clear = zone.isUTC ? [] : instants.filter { isClear($0, in: zone) }
        let local = clear.map { LocalTime(at: $0, in: zone).digits }
        if !local.isEmpty {
            use(zone)
            lines.add(name, [("TZID", zone.name)], value: local.joined(separator: ","))
        }
        let others = zone.isUTC ? instants : instants.filter { !isClear($0, in: zone) }
        guard !others.isEmpty else { return }
        lines.add(name, value: others.map { EventMoment.time($0, zone: nil).digits }.joined(separator: ","))
    }

    private func isClear(_ instant: Date, in zone: ZoneOffsets) -> Bool {
        guard let seconds = EpochSeconds.seconds(instant), years.contains(seconds) else { return false }
        return zone.instant(ofLocal: seconds + zone.secondsFromGMT(seconds)) == seconds
    }

    private mutating func use(_ zone: ZoneOffsets) {
        if described.insert(zone.name).inserted { pending.append(zone) }
    }
}

extension ZoneOffsets {
    var isUTC: Bool { ["UTC", "Etc/UTC", "GMT"].contains(name) }
}
