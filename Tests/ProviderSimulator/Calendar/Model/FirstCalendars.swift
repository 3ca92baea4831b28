import Foundation

/// What an account has before anybody changes it: a primary calendar, empty but for the first people's.
enum FirstCalendars {
    static func give(
        _ account: Account, _ lists: inout [String: CalendarList], _ calendars: inout [String: SimulatedCalendar]
    ) {
        var list = CalendarList()
        for (calendar, entry) in make(for: account) {
            if calendars[calendar.id] == nil { calendars[calendar.id] = calendar }
            list.put(entry)
        }
        lists[account.name] = list
    }

    private static func make(for account: Account) -> [(SimulatedCalendar, CalendarList.Entry)] {
        let primary = CalendarInfo(
            id: account.email, title: account.email, timeZone: "Europe/Berlin", owner: account.name)
        let entry = CalendarList.Entry(id: primary.id, role: .owner, isPrimary: true)
        return [(SimulatedCalendar(primary) { _ in CalendarContents(now: Date()) }, entry)]
    }
}
