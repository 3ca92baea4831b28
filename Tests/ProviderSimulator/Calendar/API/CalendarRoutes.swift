import Domain
import Foundation
import Hummingbird

/// Google Calendar v3: calendars and their lists. Events are in the extensions.
/// https://developers.google.com/workspace/calendar/api/v3/reference
struct CalendarRoutes: Sendable {
    typealias Caller = CalendarEndpoint.Caller
    typealias Act = @Sendable (Caller) throws(CalendarRefusal) -> CalendarReply

    let world: CalendarWorld
    let endpoint: CalendarEndpoint
    let channels: Channels
    let settings: CalendarSettings

    func add(to router: Router<SimulatorContext>) {
        let root = router.group("google/calendar/v3")
        add(root, .get, "users/me/calendarList", .listCalendars, listCalendars)
        add(root, .get, "users/me/calendarList/{calendar}", .getEntry, getEntry)
        add(root, .get, "calendars/{calendar}", .getCalendar, getCalendar)
        add(root, .get, "calendars/{calendar}/events", .listEvents, listEvents)
        add(root, .post, "calendars/{calendar}/events", .insertEvent, insertEvent)
        add(root, .get, "calendars/{calendar}/events/{event}", .getEvent, getEvent)
        add(root, .put, "calendars/{calendar}/events/{event}", .updateEvent, updateEvent)
        add(root, .patch, "calendars/{calendar}/events/{event}", .patchEvent, updateEvent)
        add(root, .delete, "calendars/{calendar}/events/{event}", .deleteEvent, deleteEvent)
        add(root, .get, "calendars/{calendar}/events/{event}/instances", .listInstances, listInstances)
        add(root, .post, "calendars/{calendar}/events/watch", .watchEvents, watchEvents)
        add(root, .post, "channels/stop", .stopChannel, stopChannel)
        add(root, .post, "freeBusy", .queryFreeBusy, queryFreeBusy)
    }

    private func add(
        _ group: RouterGroup<SimulatorContext>, _ method: HTTPRequest.Method, _ path: RouterPath,
        _ name: CalendarMethod, _ act: @escaping Act
    ) {
        group.on(path, method: method) { request, context in
            try await endpoint.serve(name, request, context, act: act)
        }
    }

    /// - Throws: 404 where there is none that the account may see.
    func calendar(
        _ caller: Caller, _ id: String? = nil
    ) throws(CalendarRefusal) -> (SimulatedCalendar, CalendarList.Entry) {
        guard let found = world.calendar(id ?? caller.request.calendarID ?? "", of: caller.account) else {
            throw .notFound
        }
        return found
    }

    // MARK: Calendars

    private static let forbiddenWithListToken = ["minAccessRole", "showOwnOrganizationOnly"]

    @Sendable private func listCalendars(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        let list = world.list(of: caller.account)
        let position = try ListPosition(
            caller.parameters,
            .init(name: "calendars/\(caller.account.name)", version: list.version, epoch: list.epoch),
            forbidden: Self.forbiddenWithListToken, tokenSeconds: settings.tokenSeconds)
        let size = settings.pages.size(
            asked: min(caller.parameters.integer("maxResults") ?? 100, 250), account: caller.account.name)
        var found = list.entries.filter { Self.shows($0, caller.parameters, since: position.since) }.map { entry in
            (cursor: ListToken.Cursor(key: SeededGenerator.hash(entry.id), id: entry.id), entry)
        }.sorted { $0.cursor < $1.cursor }
        if let cursor = position.cursor { found.removeAll { $0.cursor <= cursor } }
        let hasMore = found.count > size
        found = Array(found.prefix(size))
        let etag = "\"p\(list.version)\(size)\(found.last?.cursor.key ?? 0)\""
        if caller.request.has(etag) { return .notModified(etag) }
        var members: [JSONValue.Member] = [
            .init(name: "kind", value: "calendar#calendarList"), .init(name: "etag", value: .string(etag)),
        ]
        if hasMore {
            let cursor = found.last?.cursor ?? position.cursor ?? .init(key: 0, id: "")
            members.append(.init(name: "nextPageToken", value: .string(position.pageToken(after: cursor))))
        } else if !Self.forbiddenWithListToken.contains(where: caller.parameters.has) {
            members.append(.init(name: "nextSyncToken", value: .string(position.syncToken)))
        }
        let items = found.map { $0.1.json(world.info($0.1.id)) }
        members.append(.init(name: "items", value: .array(items)))
        return CalendarReply(.object(members), etag: etag, items: items.count)
    }

    /// - Parameter since: of an incremental list, which has all that changed.
    private static func shows(_ entry: CalendarList.Entry, _ parameters: CalendarParameters, since: Int?) -> Bool {
        if let since { return entry.version > since }
        if entry.isDeleted { return parameters.isTrue("showDeleted") }
        if entry.isHidden, !parameters.isTrue("showHidden") { return false }
        guard let least = parameters["minAccessRole"].flatMap(AccessRole.init) else { return true }
        return entry.role >= least
    }

    @Sendable private func getEntry(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        let (calendar, entry) = try calendar(caller)
        if caller.request.has(entry.etag) { return .notModified(entry.etag) }
        return CalendarReply(entry.json(calendar.info), etag: entry.etag)
    }

    @Sendable private func getCalendar(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        let (calendar, entry) = try calendar(caller)
        let info = calendar.info
        var members: [JSONValue.Member] = [
            .init(name: "kind", value: "calendar#calendar"), .init(name: "etag", value: .string(entry.etag)),
            .init(name: "id", value: .string(info.id)), .init(name: "summary", value: .string(info.title)),
        ]
        if let text = info.description { members.append(.init(name: "description", value: .string(text))) }
        members.append(.init(name: "timeZone", value: .string(info.timeZone)))
        return CalendarReply(.object(members), etag: entry.etag)
    }
}
