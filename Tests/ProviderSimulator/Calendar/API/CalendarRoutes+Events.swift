import Domain
import Foundation

extension CalendarRoutes {
    @Sendable func listEvents(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        try EventListing.check(caller.parameters)
        let (calendar, entry) = try readable(caller)
        let listing = try listing(caller, calendar, forbidden: EventListing.forbiddenWithSyncToken)
        return reply(listing, listing.page(), entry, caller)
    }

    @Sendable func listInstances(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        try EventListing.check(caller.parameters)
        let (calendar, entry) = try readable(caller)
        let id = caller.request.eventID ?? ""
        let listing = try listing(caller, calendar, forbidden: [], name: "/\(id)")
        guard listing.contents[id] != nil else { throw .notFound }
        guard listing.contents.master(id) != nil else { throw .badRequest("The event is not a recurring event.") }
        let items = listing.instances(ofSeries: id).filter { item in
            caller.parameters["originalStart"].map { item.json()["originalStartTime"]?["dateTime"]?.text == $0 } ?? true
        }
        var page = listing.page(of: listing.cut(items))
        page.nextSyncToken = nil
        return reply(listing, page, entry, caller)
    }

    private func readable(_ caller: Caller) throws(CalendarRefusal) -> (SimulatedCalendar, CalendarList.Entry) {
        let found = try calendar(caller)
        guard found.1.role.canRead else { throw .forbidden }
        return found
    }

    private func listing(
        _ caller: Caller, _ calendar: SimulatedCalendar, forbidden: [String], name: String = ""
    ) throws(CalendarRefusal) -> EventListing {
        let (contents, places) = calendar.with { contents in
            let places = contents.sortedPlaces()
            return (contents, places)
        }
        let position = try ListPosition(
            caller.parameters,
            .init(
                name: "events/\(caller.account.name)/\(calendar.id)\(name)", version: contents.version,
                epoch: contents.epoch),
            forbidden: forbidden, tokenSeconds: settings.tokenSeconds)
        let asked = min(caller.parameters.integer("maxResults") ?? 250, 2_500)
        return EventListing(
            contents: contents, places: places, info: calendar.info, parameters: caller.parameters,
            position: position, size: settings.pages.size(asked: asked, account: caller.account.name),
            showsDeletedDetails: settings.showsDeletedDetails)
    }

    private func reply(
        _ listing: EventListing, _ page: EventListing.Page, _ entry: CalendarList.Entry, _ caller: Caller
    ) -> CalendarReply {
        let cursor = page.items.last?["etag"]?.text?.filter(\.isNumber) ?? "0"
        let etag = "\"p\(listing.contents.version)\(listing.size)\(page.items.count)\(cursor)\""
        if caller.request.has(etag) { return .notModified(etag) }
        var members: [JSONValue.Member] = [
            .init(name: "kind", value: "calendar#events"), .init(name: "etag", value: .string(etag)),
            .init(name: "summary", value: .string(listing.info.title)),
        ]
        if let text = listing.info.description { members.append(.init(name: "description", value: .string(text))) }
        members += [
            .init(name: "updated", value: .string(SimulatedEvent.text(listing.contents.updated))),
            .init(name: "timeZone", value: .string(caller.parameters["timeZone"] ?? listing.info.timeZone)),
            .init(name: "accessRole", value: .string(entry.role.rawValue)),
            .init(name: "defaultReminders", value: []),
        ]
        if let token = page.nextPageToken { members.append(.init(name: "nextPageToken", value: .string(token))) }
        if let token = page.nextSyncToken { members.append(.init(name: "nextSyncToken", value: .string(token))) }
        members.append(.init(name: "items", value: .array(page.items)))
        return CalendarReply(.object(members), etag: etag, items: page.items.count)
    }

    @Sendable func getEvent(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        let (calendar, _) = try readable(caller)
        let (info, zone) = (calendar.info, calendar.zone)
        let found = try calendar.with { (contents) throws(CalendarRefusal) in
            try contents.find(caller.request.eventID ?? "", zone: zone)
        }
        if caller.request.has(found.etag) { return .notModified(found.etag) }
        let answerZone = caller.parameters["timeZone"].flatMap(Zones.named) ?? zone
        return CalendarReply(found.event.json(etag: found.etag, in: answerZone, of: info), etag: found.etag)
    }

    // MARK: Writing

    private func writable(_ caller: Caller) throws(CalendarRefusal) -> (SimulatedCalendar, EventWriter) {
        let (calendar, entry) = try calendar(caller)
        guard entry.role.canWrite else { throw .requiresWriter }
        let writer = EventWriter(
            account: caller.account, info: calendar.info, isPrimary: entry.isPrimary, parameters: caller.parameters)
        return (calendar, writer)
    }

    @Sendable func insertEvent(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        let body = try caller.request.object(.event)
        let (calendar, writer) = try writable(caller)
        let event = try writer.inserted(body)
        try calendar.with { (contents) throws(CalendarRefusal) in try contents.insert(event) }
        return written(event.id, calendar)
    }

    /// PUT and PATCH.
    @Sendable func updateEvent(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        let body = try caller.request.object(.event)
        let (calendar, writer) = try writable(caller)
        let zone = calendar.zone
        let id = caller.request.eventID ?? ""
        try calendar.with { (contents) throws(CalendarRefusal) in
            let found = try contents.find(id, zone: zone)
            try caller.request.checkMatch(found.etag)
            let event =
                caller.request.method == .patchEvent
                ? try writer.patched(found.event, with: body) : try writer.replaced(found.event, by: body)
            contents.update(found, to: event, now: writer.now)
        }
        return written(id, calendar)
    }

    @Sendable func deleteEvent(_ caller: Caller) throws(CalendarRefusal) -> CalendarReply {
        let (calendar, writer) = try writable(caller)
        let zone = calendar.zone
        try calendar.with { (contents) throws(CalendarRefusal) in
            let found = try contents.find(caller.request.eventID ?? "", zone: zone)
            if found.isDeleted { throw .deleted }
            try caller.request.checkMatch(found.etag)
            try contents.delete(found, now: writer.now)
        }
        channels.changed(calendar.id)
        return .noContent
    }

    private func written(_ id: String, _ calendar: SimulatedCalendar) -> CalendarReply {
        channels.changed(calendar.id)
        guard let row = calendar.with({ $0[id] }) else { return CalendarReply(.notFound) }
        return CalendarReply(row.event.json(etag: row.etag, in: calendar.zone, of: calendar.info), etag: row.etag)
    }
}
