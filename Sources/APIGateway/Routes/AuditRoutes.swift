import Domain
import Hummingbird
import Store

/// `/api/v1/audit`: what happened in the workspace that matters for security.
struct AuditRoutes: Sendable {
    let log: AuditLog

    func mount(on router: RouterGroup<GatewayContext>) {
        router.get("audit", use: list)
    }

    @Sendable func list(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = QueryReader(request: request)
        let limit = try query.limit()
        let before = try query.cursor { AuditEventID($0) }
        let action = try query.value("action", PlainText.line(upTo: 100), "must be an action's name")
        let found = try await log.list(
            tenant: context.requireTenant(), action: action.map(AuditAction.init(rawValue:)), before: before,
            limit: limit + 1)
        return Page(found, limit: limit).response("events", bytesEach: 400, cursor: \.id.description, write: Self.write)
    }

    private static func write(_ event: AuditLog.Event, to object: inout JSONWriter) {
        object.field("id", event.id.description)
        object.field("action", event.action.rawValue)
        object.field("actor", event.actor)
        object.field("user_id", event.user?.description)
        object.field("subject", event.subject)
        object.field("address", event.address)
        object.field("request_id", event.requestID)
        object.field("details", json: event.details)
        object.field("created_at", event.createdAt)
    }
}
