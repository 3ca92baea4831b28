/// How a route is tried by somebody who has no business there.
struct RouteProbe: Sendable {
    enum Kind: Sendable {
        /// The path names something: each of these is another's, and the answer must be that for something that is not
        /// there.
        case named([@Sendable (_ mine: SignedUp, _ theirs: SignedUp) -> [String: String]])
        /// It is about whoever asks: it must not show what is another's.
        case own
        /// It is the operators'.
        case operators
    }

    let kind: Kind
    var body: (@Sendable (_ mine: SignedUp, _ theirs: SignedUp) -> String)?
    /// Behind the path of what is listed.
    var query: (@Sendable (_ theirs: SignedUp) -> String)?
    /// It ends the credentials it is tried with.
    var isLast = false

    private typealias Body = @Sendable (_ mine: SignedUp, _ theirs: SignedUp) -> String

    private static func always(_ text: String?) -> Body? {
        guard let text else { return nil }
        return { _, _ in text }
    }

    private static func of(_ kind: String) -> Kind { .named([{ _, theirs in ["id": theirs[kind]] }]) }
    private static func named(_ kind: String, _ body: String? = nil) -> RouteProbe {
        RouteProbe(kind: of(kind), body: always(body))
    }
    private static func own(_ body: String? = nil) -> RouteProbe {
        RouteProbe(kind: .own, body: always(body))
    }
    /// With another's id as the place to go on from, and as a filter.
    private static func list(_ kind: String) -> RouteProbe {
        RouteProbe(
            kind: .own,
            query: { "?cursor=\($0[kind])&owner_id=\($0.user)&limit=200" })
    }

    private static let company: Kind = .named([{ _, theirs in ["id": theirs.company] }])
    private static let member: Kind = .named([
        { _, theirs in ["id": theirs.company, "user": theirs.user] },
        { mine, theirs in ["id": theirs.company, "user": mine.user] },
        { mine, theirs in ["id": mine.company, "user": theirs.user] },
    ])
    private static let invitation: Kind = .named([
        { _, theirs in ["id": theirs.company, "invitation": theirs["invitation"]] },
        { mine, theirs in ["id": mine.company, "invitation": theirs["invitation"]] },
    ])
    private static let task: Kind = .named([
        { _, theirs in ["id": theirs["task"]] }, { _, theirs in ["id": theirs["own_task"]] },
    ])
    private static let schedule: Kind = .named([{ _, theirs in ["name": theirs["schedule"]] }])

    private static let event: Kind = .named([
        { _, theirs in ["id": theirs["calendar"], "event": theirs["event"]] }
    ])
    private static let eventAnywhere: Kind = .named([
        { _, theirs in ["id": theirs["calendar"], "event": theirs["event"]] },
        { mine, theirs in ["id": mine["calendar"], "event": theirs["event"]] },
    ])

    private static func fixed(_ kind: Kind, _ body: String? = nil) -> RouteProbe {
        RouteProbe(kind: kind, body: always(body))
    }

    /// Every route of the gateway. One that is missing here fails the test.
    static let all: [String: RouteProbe] = [
        "GET /": own(), "GET /assets/{name}": own(), "GET /docs": own(), "GET /docs/{name}": own(),
        "GET /openapi.json": own(), "GET /health": own(), "GET /.well-known/jwks.json": own(),
        "GET /api/v1/health/live": own(), "GET /api/v1/health/ready": own(),

        "POST /api/v1/jobs": own(#"{"kind":"noop"}"#), "GET /api/v1/jobs": list("job"),
        "GET /api/v1/jobs/{id}": named("job"), "GET /api/v1/jobs/{id}/events": named("job"),
        "POST /api/v1/jobs/{id}/cancel": named("job"), "POST /api/v1/jobs/{id}/retry": named("job"),
        "POST /api/v1/jobs/{id}/discard": named("job"), "POST /api/v1/jobs/cancel": own(#"{"kind":"noop"}"#),
        "POST /api/v1/jobs/retry": own(#"{"kind":"noop"}"#), "POST /api/v1/jobs/discard": own(#"{"kind":"noop"}"#),
        "POST /api/v1/batches": own(#"{"jobs":[{"kind":"noop"}]}"#), "GET /api/v1/batches/{id}": named("batch"),
        "GET /api/v1/schedules": own(), "GET /api/v1/schedules/{name}": fixed(schedule),
        "PUT /api/v1/schedules/{name}": RouteProbe(
            kind: .own, body: { _, _ in #"{"every_seconds":86400,"job":{"kind":"noop"}}"# }),
        "DELETE /api/v1/schedules/{name}": fixed(schedule), "POST /api/v1/schedules/{name}/pause": fixed(schedule),
        "POST /api/v1/schedules/{name}/resume": fixed(schedule), "POST /api/v1/schedules/{name}/fire": fixed(schedule),
        "POST /api/v1/sweeps/{name}": fixed(.operators), "POST /api/v1/queues/{name}/pause": fixed(.operators),
        "POST /api/v1/queues/{name}/resume": fixed(.operators),
        "POST /api/v1/chat/messages": own(#"{"message":"hello"}"#), "GET /api/v1/chat/conversations": own(),
        "GET /api/v1/chat/conversations/{id}/messages": named("conversation"), "GET /api/v1/ws": own(),

        "GET /api/v1/companies": list("task"), "POST /api/v1/companies": own(#"{"name":"Another"}"#),
        "GET /api/v1/companies/{id}": fixed(company), "PATCH /api/v1/companies/{id}": fixed(company, #"{"name":"X"}"#),
        "DELETE /api/v1/companies/{id}": fixed(company), "GET /api/v1/companies/{id}/members": fixed(company),
        "PATCH /api/v1/companies/{id}/members/{user}": fixed(member, #"{"role":"viewer"}"#),
        "DELETE /api/v1/companies/{id}/members/{user}": fixed(member),
        "GET /api/v1/companies/{id}/invitations": fixed(company),
        "POST /api/v1/companies/{id}/invitations": fixed(company, #"{"email":"spy@example.com","role":"admin"}"#),
        "DELETE /api/v1/companies/{id}/invitations/{invitation}": fixed(invitation),
        "POST /api/v1/invitations/accept": own(#"{"token":"eit_none"}"#),
        "POST /api/v1/invitations/preview": own(#"{"token":"eit_none"}"#),
        "GET /api/v1/tasks": list("task"),
        "POST /api/v1/tasks": own(#"{"title":"mine"}"#), "GET /api/v1/tasks/{id}": fixed(task),
        "PATCH /api/v1/tasks/{id}": fixed(task, #"{"title":"taken"}"#), "DELETE /api/v1/tasks/{id}": fixed(task),
        "POST /api/v1/tasks/{id}/restore": fixed(task), "GET /api/v1/audit": list("task"),

        "GET /api/v1/integrations/available": own(), "GET /api/v1/integrations": list("connection"),
        "GET /api/v1/integrations/{id}/status": own(),
        "POST /api/v1/integrations/{id}/connect": own("{}"),
        "GET /api/v1/integrations/callback": RouteProbe(kind: .own, query: { "?code=x&state=\($0["state"])" }),
        "DELETE /api/v1/integrations/{id}": named("connection"),
        "POST /api/v1/integrations/{id}/check": named("connection"), "GET /api/v1/tokens/connections": own(),
        "GET /api/v1/tokens/connections/{id}": named("connection"),
        "DELETE /api/v1/tokens/connections/{id}": named("connection"),
        "POST /api/v1/tokens/connections/{id}/refresh": named("connection"),
        "POST /api/v1/tokens/connections/{id}/token": named("connection"),

        "GET /api/v1/calendars": own(), "POST /api/v1/calendars/sync": own(),
        "PATCH /api/v1/calendars/{id}": named("calendar", #"{"selected":true}"#),
        "POST /api/v1/calendars/{id}/sync": named("calendar"), "GET /api/v1/calendars/{id}/changes": named("calendar"),
        "GET /api/v1/calendars/{id}/export.ics": named("calendar"),
        "POST /api/v1/calendars/{id}/events": named(
            "calendar", #"{"start":{"date":"2026-01-05"},"end":{"date":"2026-01-06"}}"#),
        "GET /api/v1/calendars/{id}/events/{event}": fixed(eventAnywhere),
        "PATCH /api/v1/calendars/{id}/events/{event}": fixed(event, #"{"summary":"taken"}"#),
        "DELETE /api/v1/calendars/{id}/events/{event}": fixed(event),
        "GET /api/v1/events": RouteProbe(kind: .own, query: { _ in "?from=2026-01-01&to=2026-02-01" }),
        "GET /api/v1/events/next": own(),
        "GET /api/v1/free-busy": RouteProbe(
            kind: .own, query: { "?from=2026-01-01&to=2026-02-01&calendar_id=\($0["calendar"])" }),
        "POST /api/v1/webhooks/google/calendar": own(),

        "POST /api/v1/auth/register": own(#"{"email":"not an address","password":"x"}"#),
        "POST /api/v1/auth/jwt/login": own(#"{"email":"nobody@example.com","password":"x"}"#),
        "POST /api/v1/auth/refresh": own(#"{"refresh_token":"ert_none"}"#),
        "POST /api/v1/auth/forgot-password": own(#"{"email":"nobody@example.com"}"#),
        "POST /api/v1/auth/reset-password": own(#"{"token":"ept_none","password":"seven brown horses 42"}"#),
        "POST /api/v1/auth/request-verify-token": own(#"{"email":"nobody@example.com"}"#),
        "POST /api/v1/auth/verify": own(#"{"token":"evt_none"}"#), "GET /api/v1/auth/csrf": own(),
        "POST /api/v1/auth/change-password": own(
            #"{"current_password":"wrong","new_password":"seven brown horses 42"}"#),
        "GET /api/v1/auth/me": own(), "PATCH /api/v1/auth/me": own(#"{"name":"Myself"}"#),
        "DELETE /api/v1/auth/me": own(#"{"current_password":"wrong"}"#), "GET /api/v1/users/me": own(),
        "PATCH /api/v1/users/me": own(#"{"name":"Myself"}"#),
        "DELETE /api/v1/users/me": own(#"{"current_password":"wrong"}"#), "GET /api/v1/auth/sessions": own(),
        "DELETE /api/v1/auth/sessions/{id}": named("session"),
        "DELETE /api/v1/auth/sessions": RouteProbe(kind: .own, isLast: true),
        "POST /api/v1/auth/jwt/logout": RouteProbe(kind: .own, isLast: true),
        "GET /api/v1/keys": own(), "POST /api/v1/keys": own(#"{"name":"mine","scopes":["tasks:read"]}"#),
        "DELETE /api/v1/keys/{id}": named("key"),
    ]
}
