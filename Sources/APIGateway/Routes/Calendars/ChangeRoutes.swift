import Domain
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

    @Sendable func changes(_ request: Request, context: GatewayContext) async throws -> Response {
        _ = try parts.connections.orOff()
        let query = QueryReader(request: request)
        let cursor = try query.cursor { ChangeCursor($0) }
        let limit = try query.int("limit", default: Self.standardLimit, in: 1...Self.maxLimit)
        let seconds = try CalendarParts.waitSeconds(query)
        let (id, tenant) = (try CalendarParts.id(context), try context.requireTenant())
        func look() async throws -> Calendars.ChangePage {
            try await parts.calendars.changes(of: id, after: cursor, tenant: tenant, limit: limit)
        }
        // Who begins is told at once that there is nothing, and where to go on from.
        let found = try await parts.wait(cursor == nil ? 0 : seconds, context) { () -> Calendars.ChangePage? in
            let page = try await look()
            return page.changes.isEmpty && cursor != nil ? nil : page
        }
        if let found { return try Self.answer(found) }
        return try Self.answer(try await look())
    }

    private static func answer(_ page: Calendars.ChangePage) throws -> Response {
        var writer = JSONWriter(capacity: 768 * (page.changes.count + 1))
        try writer.object { object in
            object.key("changes")
            try object.array { array in
                for change in page.changes {
                    try array.object { object in
                        object.field("id", change.id)
                        object.field("deleted", change.event == nil)
                        if let event = change.event { object.field("event", json: try event.json()) }
                    }
                }
            }
            object.field("next_cursor", page.next.description)
            object.field("has_more", page.hasMore)
        }
        return .json(writer)
    }
}
