import Domain
import Foundation

/// What an account has before anybody changes it: a primary calendar, empty but for the first people's, who have lives.
enum FirstCalendars {
    static let holidays = "en.german#holiday@group.v.calendar.google.com"

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
        let zones = ["ada": "Europe/Berlin", "grace": "America/New_York", "alan": "Europe/London"]
        let isFirst = zones[account.name] != nil
        let info = CalendarInfo(
            id: account.email, title: account.email, timeZone: zones[account.name] ?? "Europe/Berlin",
            owner: account.name)
        let primary = SimulatedCalendar(info) { info in
            isFirst ? WorkingLife(account, info).contents() : CalendarContents(now: Date())
        }
        let entry = CalendarList.Entry(id: info.id, role: .owner, isPrimary: true)
        return isFirst ? [(primary, entry), family(of: account, info.timeZone), publicHolidays] : [(primary, entry)]
    }

    private static func family(of account: Account, _ zone: String) -> (SimulatedCalendar, CalendarList.Entry) {
        let id = "family\(account.number)sim51ed0000000000000000@group.calendar.google.com"
        let info = CalendarInfo(
            id: id, title: "Family", timeZone: zone, description: "Who is where, and who cooks", owner: account.name)
        let calendar = SimulatedCalendar(info) { FamilyLife(account, $0).contents() }
        return (calendar, .init(id: id, role: .owner, color: "#cd74e6", colorID: "23"))
    }

    private static var publicHolidays: (SimulatedCalendar, CalendarList.Entry) {
        let info = CalendarInfo(
            id: holidays, title: "Holidays in Germany", timeZone: "Europe/Berlin",
            description: "Holidays and Observances in Germany")
        let calendar = SimulatedCalendar(info) { PublicHolidays($0).contents() }
        return (calendar, .init(id: holidays, role: .reader, color: "#16a765", colorID: "8"))
    }
}
