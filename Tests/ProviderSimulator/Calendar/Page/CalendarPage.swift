import Domain
import Foundation
import Hummingbird

/// A person's coming weeks as a list, with forms to change them. It looks like no provider's own.
struct CalendarPage: Sendable {
    static let peopleLimit = 8
    private static let days = 28

    let people: [Account]
    let chosen: Account
    let calendars: [(calendar: SimulatedCalendar, entry: CalendarList.Entry)]
    /// What the form before has done; nil: there was none.
    let done: String?

    private static let messages = [
        "added": "The event is in the calendar.", "moved": "The event was moved.", "deleted": "The event was deleted.",
        "expired": "Sync tokens made so far are answered with 410 from now on.",
        "refused": "That was not possible; nothing was changed.",
    ]

    func response() -> Response {
        let page: HTMLText = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(chosen.title)’s calendars · simulated Google</title>
            <link rel="stylesheet" href="/_simulator/consent.css">
            <link rel="stylesheet" href="/_simulator/calendar/page.css">
            </head>
            <body>
            <header><b>Simulated Google Calendar</b> for tests and demonstrations. Nothing here is Google’s, and no real \
            account is touched. What you change here, clients of the simulated API see.</header>
            <nav aria-label="People">\(.joined(people.map(link)))</nav>
            <main>
            <h1>\(chosen.title)’s next four weeks</h1>
            \(message)
            <details><summary>Add an event</summary>\(addForm)</details>
            \(.joined(agenda))
            </main>
            <main>\(calendarList)</main>
            </body>
            </html>

            """
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .contentSecurityPolicy: Self.policy,
            ],
            body: .init(byteBuffer: .init(string: page.markup)))
    }

    private static let policy =
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

    private func link(_ person: Account) -> HTMLText {
        let current: HTMLText = person.name == chosen.name ? " aria-current=\"page\"" : ""
        return "<a href=\"/_simulator/calendar/?account=\(person.name)\"\(current)>\(person.title)</a>"
    }

    private var message: HTMLText {
        guard let text = done.flatMap({ Self.messages[$0] }) else { return "" }
        return "<p class=\"message\" role=\"status\">\(text)</p>"
    }

    // MARK: Forms

    private func hidden(_ name: String, _ value: String) -> HTMLText {
        "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
    }

    private var addForm: HTMLText {
        let writable = calendars.filter(\.entry.role.canWrite)
        let options = writable.map { found -> HTMLText in
            "<option value=\"\(found.calendar.id)\">\(found.calendar.info.title)</option>"
        }
        let zone = calendars.first?.calendar.zone ?? .utc
        let today = EventMoment.day(at: Date(), in: zone)?.adding(days: 1).description ?? ""
        return """
            <form method="post" action="/_simulator/calendar/page">
            \(hidden("account", chosen.name))
            <label>Title<input name="title" required maxlength="200" value="Coffee"></label>
            <div class="fields">
            <label>Day<input type="date" name="day" required value="\(today)"></label>
            <label>Start<input type="time" name="start" value="10:00"></label>
            <label>Minutes<input type="number" name="minutes" min="1" max="10080" value="30"></label>
            <label>Calendar<select name="calendar">\(.joined(options))</select></label>
            </div>
            <p class="soft">Without a start it takes all day.</p>
            <label class="tick"><input type="checkbox" name="weekly"> Every week</label>
            <div class="buttons"><button name="action" value="add">Add</button></div>
            </form>
            """
    }

    private var calendarList: HTMLText {
        let rows = calendars.map { found -> HTMLText in
            let info = found.calendar.info
            let version = String(found.calendar.with { $0.version })
            return """
                <li><span class="what">\(info.title)
                <span class="soft">\(info.timeZone) · \(found.entry.role.rawValue) · change \(version)</span></span>
                <form method="post" action="/_simulator/calendar/page">
                \(hidden("account", chosen.name))\(hidden("calendar", info.id))
                <button class="small" name="action" value="expire">End sync tokens (410)</button></form></li>
                """
        }
        return "<h2>Calendars</h2><ul class=\"events\">\(.joined(rows))</ul>"
    }

    // MARK: Events

    private struct Shown {
        var event: SimulatedEvent
        var calendar: CalendarInfo
        var canWrite: Bool
        var start: Date
        var day: CalendarDay
    }

    private var agenda: [HTMLText] {
        let zone = calendars.first?.calendar.zone ?? .utc
        let shown = self.shown(zone)
        if shown.isEmpty { return ["<p class=\"soft\">Nothing is planned.</p>"] }
        return Dictionary(grouping: shown, by: \.day).sorted { $0.key < $1.key }.map { day, events in
            """
            <section><h2>\(Self.title(day))</h2>
            <ul class="events">\(.joined(events.map { row($0, zone) }))</ul></section>
            """
        }
    }

    private func shown(_ zone: ZoneOffsets) -> [Shown] {
        guard let today = EventMoment.day(at: Date(), in: zone) else { return [] }
        let start = EventMoment.midnight(of: today, in: zone)
        let range = start..<start.addingTimeInterval(Double(Self.days) * 86_400)
        return calendars.flatMap { calendar, entry in
            let (info, own) = (calendar.info, calendar.zone)
            return calendar.with { $0 }.occurrences(in: range, zone: own).compactMap { event -> Shown? in
                let start = max(event.start.instant(in: event.start.isDay ? zone : own), range.lowerBound)
                guard let day = EventMoment.day(at: start, in: zone) else { return nil }
                return Shown(event: event, calendar: info, canWrite: entry.role.canWrite, start: start, day: day)
            }
        }.sorted { ($0.start, $0.event.id) < ($1.start, $1.event.id) }
    }

    private static func title(_ day: CalendarDay) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_GB")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEEE, d MMMM"
        return formatter.string(from: EventMoment.midnight(of: day, in: .utc))
    }

    private func row(_ shown: Shown, _ zone: ZoneOffsets) -> HTMLText {
        let event = shown.event
        let mine = event["attendees"]?.elements?.first { $0["self"] == .bool(true) }
        let isDeclined = mine?["responseStatus"]?.text == "declined"
        let notes = [
            shown.calendar.title == chosen.email ? nil : shown.calendar.title, event["location"]?.text,
            event.series == nil ? nil : "repeats", isDeclined ? "declined" : nil,
        ].compactMap { $0 }.joined(separator: " · ")
        let state: HTMLText = isDeclined ? " class=\"declined\"" : ""
        return """
            <li\(state)><span class="when">\(Self.times(event, zone))</span>
            <span class="what">\(event.summary ?? "(No title)")<span class="soft">\(notes)</span></span>
            \(shown.canWrite ? buttons(shown) : "<span class=\"soft\">read only</span>")</li>
            """
    }

    private static func times(_ event: SimulatedEvent, _ zone: ZoneOffsets) -> String {
        guard case .time(let start, _) = event.start, case .time(let end, _) = event.end else {
            guard case .day(let first) = event.start, case .day(let last) = event.end, first.adding(days: 1) < last
            else { return "all day" }
            return "until \(title(last.adding(days: -1)).split(separator: " ").suffix(2).joined(separator: " "))"
        }
        func clock(_ instant: Date) -> Substring { LocalTime(at: instant, in: zone).description.suffix(8).prefix(5) }
        return "\(clock(start)) – \(clock(end))"
    }

    private func buttons(_ shown: Shown) -> HTMLText {
        let hour: HTMLText =
            shown.event.start.isDay ? "" : "<button class=\"small\" name=\"action\" value=\"hour\">+1 hour</button>"
        return """
            <form method="post" action="/_simulator/calendar/page" aria-label="Change \(shown.event.summary ?? "event")">
            \(hidden("account", chosen.name))\(hidden("calendar", shown.calendar.id))\(hidden("event", shown.event.id))
            \(hour)<button class="small" name="action" value="day">+1 day</button>
            <button class="small" name="action" value="delete">Delete</button></form>
            """
    }
}
