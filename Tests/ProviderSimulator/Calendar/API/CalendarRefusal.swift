import Foundation
import Hummingbird

/// An error in the shape of Google's older JSON APIs:
/// `{"error":{"code","message","errors":[{…}],"status"?,"details"?}}`.
/// https://developers.google.com/workspace/calendar/api/guides/errors
struct CalendarRefusal: Error, Sendable {
    var status: Int
    /// `error.errors[0].reason`: what clients are to decide by.
    var reason: String
    /// `error.errors[0].message`, and `error.message` unless that differs.
    var message: String
    var domain = "global"
    var locationType: String?
    var location: String?
    /// `error.message` where it is longer than the reason's own.
    var longMessage: String?
    /// The gRPC name of the status, which only some errors carry.
    var rpcStatus: String?
    var details: JSONValue?

    var body: JSONValue {
        var item: [JSONValue.Member] = [
            .init(name: "domain", value: .string(domain)), .init(name: "reason", value: .string(reason)),
            .init(name: "message", value: .string(message)),
        ]
        if let locationType { item.append(.init(name: "locationType", value: .string(locationType))) }
        if let location { item.append(.init(name: "location", value: .string(location))) }
        var error: [JSONValue.Member] = [
            .init(name: "code", value: .integer(status)),
            .init(name: "message", value: .string(longMessage ?? message)),
            .init(name: "errors", value: .array([.object(item)])),
        ]
        if let rpcStatus { error.append(.init(name: "status", value: .string(rpcStatus))) }
        if let details { error.append(.init(name: "details", value: .array([details]))) }
        return .members(["error": .object(error)])
    }
}

// MARK: Who asks

extension CalendarRefusal {
    static let missingCredential = CalendarRefusal(
        status: 401, reason: "required", message: "Login Required.", locationType: "header", location: "Authorization",
        longMessage: "Request is missing required authentication credential. Expected OAuth 2 access token, login "
            + "cookie or other valid authentication credential. See "
            + "https://developers.google.com/identity/sign-in/web/devconsole-project.",
        rpcStatus: "UNAUTHENTICATED")
    static let invalidCredentials = CalendarRefusal(
        status: 401, reason: "authError", message: "Invalid Credentials", locationType: "header",
        location: "Authorization",
        longMessage: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or "
            + "other valid authentication credential. See "
            + "https://developers.google.com/identity/sign-in/web/devconsole-project.",
        rpcStatus: "UNAUTHENTICATED")

    static func insufficientScope(_ method: CalendarMethod) -> CalendarRefusal {
        CalendarRefusal(
            status: 403, reason: "insufficientPermissions", message: "Insufficient Permission",
            longMessage: "Request had insufficient authentication scopes.", rpcStatus: "PERMISSION_DENIED",
            details: errorInfo("ACCESS_TOKEN_SCOPE_INSUFFICIENT", ["method": .string(method.rpcName)]))
    }

    static func accessNotConfigured(project: String) -> CalendarRefusal {
        CalendarRefusal(
            status: 403, reason: "accessNotConfigured",
            message: "Google Calendar API has not been used in project \(project) before or it is disabled.",
            domain: "usageLimits", rpcStatus: "PERMISSION_DENIED",
            details: errorInfo("SERVICE_DISABLED", ["consumer": .string("projects/\(project)")]))
    }

    private static func errorInfo(
        _ reason: String, _ metadata: KeyValuePairs<String, JSONValue>
    ) -> JSONValue {
        .members([
            "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": .string(reason),
            "domain": "googleapis.com",
            "metadata": .object(
                [.init(name: "service", value: "calendar-json.googleapis.com")]
                    + metadata.map { .init(name: $0.key, value: $0.value) }),
        ])
    }

    static let forbidden = CalendarRefusal(status: 403, reason: "forbidden", message: "Forbidden")
    static let requiresWriter = CalendarRefusal(
        status: 403, reason: "requiredAccessLevel", message: "You need to have writer access to this calendar.",
        domain: "calendar")
}

// MARK: How much is asked

extension CalendarRefusal {
    /// - Parameter status: 403 or 429, which the documentation calls functionally similar.
    static func rateLimit(status: Int = 403) -> CalendarRefusal {
        CalendarRefusal(
            status: status, reason: "rateLimitExceeded", message: "Rate Limit Exceeded", domain: "usageLimits")
    }
    static func userRateLimit(status: Int = 403) -> CalendarRefusal {
        CalendarRefusal(
            status: status, reason: status == 429 ? "rateLimitExceeded" : "userRateLimitExceeded",
            message: status == 429 ? "Rate Limit Exceeded" : "User Rate Limit Exceeded", domain: "usageLimits")
    }
    static let quotaExceeded = CalendarRefusal(
        status: 403, reason: "quotaExceeded", message: "Calendar usage limits exceeded.", domain: "usageLimits")
    static func backendError(_ status: Int) -> CalendarRefusal {
        CalendarRefusal(status: status, reason: "backendError", message: "Backend Error")
    }
}

// MARK: What is asked

extension CalendarRefusal {
    static let notFound = CalendarRefusal(status: 404, reason: "notFound", message: "Not Found")
    static let duplicate = CalendarRefusal(
        status: 409, reason: "duplicate", message: "The requested identifier already exists.")
    static let deleted = CalendarRefusal(status: 410, reason: "deleted", message: "Resource has been deleted")
    static let fullSyncRequired = CalendarRefusal(
        status: 410, reason: "fullSyncRequired",
        message: "Sync token is no longer valid, a full sync is required.", domain: "calendar",
        locationType: "parameter", location: "syncToken")
    static let updatedMinTooLongAgo = CalendarRefusal(
        status: 410, reason: "updatedMinTooLongAgo",
        message: "The requested minimum modification time lies too far in the past.", domain: "calendar",
        locationType: "parameter", location: "updatedMin")
    static let conditionNotMet = CalendarRefusal(
        status: 412, reason: "conditionNotMet", message: "Precondition Failed", locationType: "header",
        location: "If-Match")

    static func invalid(_ name: String, _ message: String) -> CalendarRefusal {
        CalendarRefusal(
            status: 400, reason: "invalid", message: message, locationType: "parameter", location: name)
    }
    /// A parameter or a member of the body that the discovery document does not have.
    static func unknown(_ message: String) -> CalendarRefusal {
        CalendarRefusal(status: 400, reason: "badRequest", message: message, rpcStatus: "INVALID_ARGUMENT")
    }
    static func badRequest(_ message: String) -> CalendarRefusal {
        CalendarRefusal(status: 400, reason: "badRequest", message: message)
    }
    static func required(_ message: String) -> CalendarRefusal {
        CalendarRefusal(status: 400, reason: "required", message: message)
    }
    static func invalidValue(_ message: String) -> CalendarRefusal {
        CalendarRefusal(status: 400, reason: "invalid", message: message)
    }
    static let timeRangeEmpty = CalendarRefusal(
        status: 400, reason: "timeRangeEmpty", message: "The specified time range is empty.", domain: "calendar",
        locationType: "parameter", location: "timeMax")
    static let emptyEvent = CalendarRefusal(
        status: 400, reason: "timeRangeEmpty", message: "The specified time range is empty.", domain: "calendar")
    static let unparsableBody = CalendarRefusal(status: 400, reason: "parseError", message: "Parse Error")
    /// Google has it; the simulator does not.
    static func notSimulated(_ what: String) -> CalendarRefusal {
        CalendarRefusal(status: 501, reason: "notSimulated", message: "Simulator: \(what) is not simulated")
    }
}
