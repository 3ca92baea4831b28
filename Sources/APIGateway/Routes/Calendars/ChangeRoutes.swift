import Domain
import FoundationEssentials
import Hummingbird
import Store

/// `/api/v1/calendars/{id}/changes`: for whoever keeps a calendar of their own in step with the mirror.
struct ChangeRoutes: Sendable {
    let parts: CalendarParts

    static let maxLimit = 1_000
    static let standardLimit = 250

    func mount(on router: RouterGroup<GatewayContext>) {
        router.get("calendars/:id/changes", use: changes)
    }

    /// One answer: what is there or what changed, and where the next one goes on.
    private struct Page {
        var changes: [(id: String, event: CalendarEvent?)]
        var next: ChangeCursor
        var hasMore: Bool
    }

    @Sendable func changes(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = QueryReader(request: request)
        let cursor = try query.cursor { ChangeCursor($0) }
        let limit = try query.int("limit", default: Self.standardLimit, in: 1...Self.maxLimit)
        let seconds = try CalendarParts.waitSeconds(query)
        let calendar = try await parts.find(context)
        switch cursor {
        case nil: return try Self.answer(try await listing(calendar, since: calendar.version, after: nil, limit))
        case .listing(let since, let event)?:
            return try Self.answer(try await listing(calendar, since: since, after: event, limit))
        case .changes(let version)?:
            guard version <= calendar.version else {
                throw Problem.invalid("cursor", "must be a next_cursor of an earlier answer")
            }
            let changed = try await parts.wait(seconds, context) {
                let page = try await page(calendar, after: version, limit)
                return page.changes.isEmpty ? nil : page
            }
            let none = Page(changes: [], next: .changes(after: version), hasMore: false)
            return try Self.answer(changed ?? none)
        }
    }

    private func listing(
        _ calendar: MirroredCalendar, since version: Int, after event: String?, _ limit: Int
    ) async throws -> Page {
        let found = try await parts.calendars.page(
            of: calendar.id, after: event, tenant: calendar.tenant, limit: limit + 1)
        let events = found.prefix(limit)
        let hasMore = found.count > limit
        let next = hasMore ? events.last.map { ChangeCursor.listing(since: version, after: $0.id) } : nil
        return Page(
            changes: events.map { ($0.id, $0) }, next: next ?? .changes(after: version), hasMore: hasMore)
    }

    private func page(_ calendar: MirroredCalendar, after version: Int, _ limit: Int) async throws -> Page {
        let found = try await parts.calendars.changes(
            of: calendar.id, after: version, tenant: calendar.tenant, limit: limit + 1)
        let changes = found.prefix(limit)
        return Page(
            changes: changes.map { ($0.id, $0.event) }, next: .changes(after: changes.last?.version ?? version),
            hasMore: found.count > limit)
    }

    private static func answer(_ page: Page) throws -> Response {
        let encoder = JSONEncoder()
        var writer = JSONWriter(capacity: 768 * (page.changes.count + 1))
        try writer.object { object in
            object.key("changes")
            try object.array { array in
                for change in page.changes {
                    try array.object { object in
                        object.field("id", change.id)
                        object.field("deleted", change.event == nil)
                        if let event = change.event {
                            object.field("event", json: [UInt8](try encoder.encode(event)))
                        }
                    }
                }
            }
            object.field("next_cursor", page.next.description)
            object.field("has_more", page.hasMore)
        }
        return .json(writer)
    }
}
