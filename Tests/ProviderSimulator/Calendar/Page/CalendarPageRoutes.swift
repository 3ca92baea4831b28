import Domain
import Foundation
import Hummingbird

/// The page on which people see and change simulated calendars, at `/_simulator/calendar/`. Its forms come to `page`
/// and lead back.
struct CalendarPageRoutes: Sendable {
    let accounts: Accounts
    let world: CalendarWorld
    let channels: Channels

    func add(to router: Router<SimulatorContext>) {
        let group = router.group("_simulator/calendar")
        group.get("", use: show)
        group.post("page", use: act)
        group.get("page.css") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/css; charset=utf-8"],
                body: .init(byteBuffer: .init(string: CalendarPage.style)))
        }
    }

    @Sendable private func show(_ request: Request, _ context: SimulatorContext) -> Response {
        let query = FormBody(request.uri.query ?? "")
        let (people, chosen) = accounts.with { ledger in
            let people = ledger.accountNames.prefix(CalendarPage.peopleLimit).compactMap { ledger.accounts[$0] }
            return (people, query["account"].flatMap { ledger.accounts[$0] } ?? people.first)
        }
        guard let chosen else { return Response(status: .notFound) }
        let calendars = world.list(of: chosen).entries.filter { !$0.isDeleted && $0.role.canRead }.compactMap {
            world.calendar($0.id, of: chosen)
        }
        return CalendarPage(people: people, chosen: chosen, calendars: calendars, done: query["done"]).response()
    }

    @Sendable private func act(_ request: Request, _ context: SimulatorContext) async throws -> Response {
        let form = try await EndpointRequest(request).pageForm
        let name = form["account"] ?? ""
        guard let account = accounts.with({ $0.accounts[name] }),
            let (calendar, entry) = world.calendar(form["calendar"] ?? "", of: account)
        else { return Response(status: .badRequest) }
        var done = "refused"
        do throws(CalendarRefusal) {
            done = try change(form, account, calendar, entry)
            if done != "expired" { channels.changed(calendar.id) }
        } catch {}
        let query = FormBody.encoded([("account", name), ("done", done)])
        return Response(status: .seeOther, headers: [.location: "/_simulator/calendar/?\(query)"])
    }

    /// - Returns: what was done, for `CalendarPage.done`.
    private func change(
        _ form: FormBody, _ account: Account, _ calendar: SimulatedCalendar, _ entry: CalendarList.Entry
    ) throws(CalendarRefusal) -> String {
        if form["action"] == "expire" {
            calendar.with { $0.epoch += 1 }
            return "expired"
        }
        guard entry.role.canWrite else { throw .requiresWriter }
        let writer = EventWriter(
            account: account, info: calendar.info, isPrimary: entry.isPrimary,
            parameters: try CalendarParameters(FormBody(""), .insertEvent))
        if form["action"] == "add" {
            let event = try writer.inserted(try Self.event(form, calendar.info))
            try calendar.with { (contents) throws(CalendarRefusal) in try contents.insert(event) }
            return "added"
        }
        let zone = calendar.zone
        return try calendar.with { (contents) throws(CalendarRefusal) in
            let found = try contents.find(form["event"] ?? "", zone: zone)
            guard let seconds = ["hour": 3_600, "day": 86_400][form["action"] ?? ""] else {
                try contents.delete(found, now: writer.now)
                return "deleted"
            }
            var event = found.event
            event.start = event.start.movedOnClock(bySeconds: seconds)
            event.end = event.end.movedOnClock(bySeconds: seconds)
            contents.update(found, to: event, now: writer.now)
            return "moved"
        }
    }

    /// What the form for a new event says, as a client would send it.
    private static func event(_ form: FormBody, _ info: CalendarInfo) throws(CalendarRefusal) -> JSONValue {
        guard let day = form["day"].flatMap({ CalendarDay($0) }) else { throw .invalidValue("day") }
        var members: [JSONValue.Member] = [.init(name: "summary", value: .string(form["title"] ?? "Untitled"))]
        if let clock = form["start"] {
            guard let local = LocalTime("\(day)T\(clock):00"), let minutes = form["minutes"].flatMap({ Int($0) }),
                (1...10_080).contains(minutes)
            else { throw .invalidValue("start") }
            let start = EventMoment.time(local.instant(in: Zones.offsets(info.timeZone)), zone: info.timeZone)
            for (name, moment) in [("start", start), ("end", start.moved(bySeconds: minutes * 60))] {
                let json = moment.json(in: Zones.offsets(info.timeZone), calendarZone: info.timeZone)
                members.append(.init(name: name, value: json))
            }
        } else {
            members.append(.init(name: "start", value: .members(["date": .string(day.description)])))
            members.append(.init(name: "end", value: .members(["date": .string(day.adding(days: 1).description)])))
        }
        if form["weekly"] != nil { members.append(.init(name: "recurrence", value: ["RRULE:FREQ=WEEKLY"])) }
        return .object(members)
    }
}

extension EventMoment {
    /// So much later on the event's own clock: a day later at the same time, also when clocks are set in between.
    fileprivate func movedOnClock(bySeconds seconds: Int) -> EventMoment {
        guard seconds == 86_400, case .time(let instant, let name?) = self, let zone = Zones.named(name) else {
            return moved(bySeconds: seconds)
        }
        let local = LocalTime(at: instant, in: zone).description
        guard let day = EventMoment.day(at: instant, in: zone),
            let later = LocalTime("\(day.adding(days: 1))T\(local.suffix(8))")
        else { return moved(bySeconds: seconds) }
        return .time(later.instant(in: zone), zone: name)
    }
}
