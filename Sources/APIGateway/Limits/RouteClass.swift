import HTTPTypes
import Hummingbird

/// Routes that have limits of their own.
enum RouteClass: Sendable, Equatable {
    case ordinary
    /// Where passwords can be guessed at. A mailed token cannot be guessed.
    case login
    /// Where mails are made for anybody who asks. Counted apart from signing in, so that who needed some tries to sign
    /// up can sign in.
    case mail
    /// Where work is started.
    case execute
    /// Where providers tell of changes, for all accounts from few addresses.
    case notification

    private static let classes: [String: RouteClass] = [
        "POST /api/v1/auth/jwt/login": .login,
        "POST /api/v1/auth/register": .mail,
        "POST /api/v1/auth/forgot-password": .mail,
        "POST /api/v1/auth/request-verify-token": .mail,
        "POST /api/v1/auth/change-password": .login,
        "PATCH /api/v1/auth/me": .login,
        "DELETE /api/v1/auth/me": .login,
        "PATCH /api/v1/users/me": .login,
        "DELETE /api/v1/users/me": .login,
        "POST /api/v1/integrations/{id}/connect": .login,
        "POST /api/v1/jobs": .execute,
        "POST /api/v1/jobs/retry": .execute,
        "POST /api/v1/jobs/{id}/retry": .execute,
        "POST /api/v1/batches": .execute,
        "POST /api/v1/chat/messages": .execute,
        "POST /api/v1/schedules/{name}/fire": .execute,
        "POST /api/v1/calendars/sync": .execute,
        "PATCH /api/v1/calendars/{id}": .execute,
        "POST /api/v1/calendars/{id}/sync": .execute,
        "POST /api/v1/calendars/{id}/events": .execute,
        "PATCH /api/v1/calendars/{id}/events/{event}": .execute,
        "DELETE /api/v1/calendars/{id}/events/{event}": .execute,
        "POST /api/v1/webhooks/google/calendar": .notification,
    ]

    /// - Parameter template: of the route, as the router knows it.
    init(_ method: HTTPRequest.Method, _ template: String?) {
        self = template.flatMap { Self.classes["\(method.rawValue) \($0)"] } ?? .ordinary
    }
}
