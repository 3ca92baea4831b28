import Domain
import HTTPTypes
import Hummingbird
import Jobs
import Store

/// `/api/v1/calendars/{id}/events`: the events of one calendar. They are shown as they were mirrored, and jobs change
/// them at the provider: what a job has changed is here when the sync behind it has ended.
struct CalendarEventRoutes: Sendable {
    let parts: CalendarParts

    func mount(on router: RouterGroup<GatewayContext>) {
        let routes = router.group("calendars/:id/events")
        routes.post(use: create)
        routes.get(":event", use: show)
        routes.patch(":event", use: update)
        routes.delete(":event", use: delete)
    }

    @Sendable func show(_ request: Request, context: GatewayContext) async throws -> Response {
        let calendar = try await parts.find(context)
        let id = try CalendarParts.event(context)
        guard let event = try await event(id, of: calendar) else { throw Problem.notFound("event") }
        var writer = JSONWriter(capacity: 64)
        writer.json(try event.json())
        var headers = HTTPFields()
        headers[.eTag] = event.etag
        return .json(writer, headers: headers)
    }

    /// As it was mirrored; or an occurrence that its series makes, and that nothing else stands for.
    private func event(_ id: String, of calendar: MirroredCalendar) async throws -> CalendarEvent? {
        if let event = try await parts.calendars.event(id, of: calendar.id, tenant: calendar.tenant) { return event }
        guard let range = EventOccurrence.range(ofID: id) else { return nil }
        let agenda = try await Agenda(of: [calendar], in: range, tenant: calendar.tenant, store: parts.calendars)
        let found = agenda.entries(in: range, zone: .utc, atMost: Agenda.maxEvents).entries
        return found.first { $0.occurrence.id == id }?.occurrence.instance
    }

    @Sendable func create(_ request: Request, context: GatewayContext) async throws -> Response {
        let body = try await BodyReader.bytes(request)
        let posted = try BodyReader.decode(PostedEvent.self, from: body)
        let draft = try posted.draft(isNew: true)
        let calendar = try await writable(context)
        let command = WriteEvent(.create, of: nil, in: calendar.id, to: draft, notice: posted.notice)
        return try await accept(command, calendar, request, body, context)
    }

    @Sendable func update(_ request: Request, context: GatewayContext) async throws -> Response {
        let body = try await BodyReader.bytes(request)
        let posted = try BodyReader.decode(PostedEvent.self, from: body)
        let draft = try posted.draft(isNew: false)
        let version = try EventPrecondition.read(request)
        let calendar = try await writable(context)
        let command = WriteEvent(
            .update, of: try CalendarParts.event(context), in: calendar.id, to: draft, ifMatch: version,
            notice: posted.notice)
        return try await accept(command, calendar, request, body, context)
    }

    @Sendable func delete(_ request: Request, context: GatewayContext) async throws -> Response {
        let names = WriteEvent.Notice.allCases.map(\.rawValue).joined(separator: ", ")
        let notice = try QueryReader(request: request).value(
            "notify", WriteEvent.Notice.init(rawValue:), "must be one of \(names)")
        let version = try EventPrecondition.read(request)
        let calendar = try await writable(context)
        let command = WriteEvent(
            .delete, of: try CalendarParts.event(context), in: calendar.id, ifMatch: version, notice: notice ?? .none)
        return try await accept(command, calendar, request, Array((notice ?? .none).rawValue.utf8), context)
    }

    /// The calendar that a path names, if its events may be changed.
    private func writable(_ context: GatewayContext) async throws -> MirroredCalendar {
        let calendar = try await parts.find(context)
        guard calendar.state != .unavailable else { throw Problem.calendarUnavailable(calendar) }
        guard calendar.canWrite else { throw Problem.calendarReadOnly }
        return calendar
    }

    /// - Parameter body: what a repeated request has in common with the first, beside its path.
    private func accept(
        _ command: WriteEvent, _ calendar: MirroredCalendar, _ request: Request, _ body: [UInt8],
        _ context: GatewayContext
    ) async throws -> Response {
        var specification = try command.specification()
        // Somebody waits for it.
        specification.priority = .urgent
        specification.trace = context.traceparent
        let job = specification
        // One key for two methods, or two versions, is one for two requests.
        let same = Array("\(command.change.rawValue) \(command.ifMatch ?? "*") ".utf8) + body
        let key = try IdempotencyKey.read(request, body: same)
        return try JobRoutes.answer(
            try await parts.intake.accept(tenant: calendar.tenant, key: key) { _ in job })
    }
}
