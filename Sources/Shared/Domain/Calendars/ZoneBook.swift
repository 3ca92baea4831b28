/// The zones of a calendar's events, each made once.
struct ZoneBook: Sendable {
    private let calendarZone: ZoneOffsets
    private var zones: [String: ZoneOffsets] = [:]

    init(calendarZone: ZoneOffsets) { self.calendarZone = calendarZone }

    /// On whose clock an event starts and recurs: its own zone, or the calendar's where it has none that this
    /// installation knows.
    mutating func zone(of event: CalendarEvent) -> ZoneOffsets { zone(event.start?.zone) }

    /// The calendar's where there is no such zone.
    mutating func zone(_ name: String?) -> ZoneOffsets {
        guard let name, name != calendarZone.name else { return calendarZone }
        if let zone = zones[name] { return zone }
        let zone = ZoneOffsets(iana: name) ?? calendarZone
        zones[name] = zone
        return zone
    }
}
