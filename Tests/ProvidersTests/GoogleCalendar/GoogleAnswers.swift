import Domain
import Foundation
import Providers

extension GoogleCalendar {
    init(_ server: ProviderServer) {
        self.init(transport: googleTransport, baseURL: server.origin + "/google/", now: { noon })
    }
}

private let googleTransport = makeTransport()

/// The fault that `body` throws; success is one as well.
func thrownFault(_ body: () async throws(CalendarFault) -> Void) async throws -> CalendarFault {
    do throws(CalendarFault) {
        try await body()
    } catch {
        return error
    }
    throw CancellationError()
}

/// Errors as the Calendar API writes them: https://developers.google.com/workspace/calendar/api/guides/errors, and what
/// that page leaves out as client libraries recorded it.
enum GoogleAnswers {
    static func error(
        _ code: Int, _ reason: String, domain: String = "global", _ message: String = "Said by Google.",
        location: (type: String, name: String)? = nil, more: String = ""
    ) -> String {
        let place = location.map { #","locationType":"\#($0.type)","location":"\#($0.name)""# } ?? ""
        return #"{"error":{"errors":[{"domain":"\#(domain)","reason":"\#(reason)","message":"\#(message)"\#(place)}],"#
            + #""code":\#(code),"message":"\#(message)"\#(more)}}"#
    }

    private static func details(_ status: String, _ reason: String, _ metadata: String = "") -> String {
        #","status":"\#(status)","details":[{"@type":"type.googleapis.com/google.rpc.Help","links":[{"url":"x"}]},"#
            + #"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"\#(reason)","domain":"googleapis.com","#
            + #""metadata":{"service":"calendar-json.googleapis.com"\#(metadata)}}]"#
    }

    static let fullSyncRequired = error(
        410, "fullSyncRequired", domain: "calendar", "Sync token is no longer valid, a full sync is required.",
        location: ("parameter", "syncToken"))
    static let updatedMinTooLongAgo = error(
        410, "updatedMinTooLongAgo", domain: "calendar", location: ("parameter", "updatedMin"))
    static let deleted = error(410, "deleted", "Resource has been deleted")
    static let invalidSyncToken = error(400, "invalid", "Invalid sync token value.")
    static let invalidPageToken = error(400, "invalid", "Invalid value", location: ("parameter", "pageToken"))
    static let timeRangeEmpty = error(
        400, "timeRangeEmpty", domain: "calendar", "The specified time range is empty.",
        location: ("parameter", "timeMax"))
    static let authError = error(401, "authError", "Invalid Credentials", location: ("header", "Authorization"))
    static let userRateLimit = error(403, "userRateLimitExceeded", domain: "usageLimits")
    static let rateLimit = error(403, "rateLimitExceeded", domain: "usageLimits")
    static let usageLimit = error(403, "quotaExceeded", domain: "usageLimits", "Calendar usage limits exceeded.")
    static let dailyLimit = error(403, "dailyLimitExceeded", domain: "usageLimits")
    static let otherLimit = error(403, "variableTermLimitExceeded", domain: "usageLimits")
    static let projectRate = error(
        403, "rateLimitExceeded", domain: "usageLimits",
        more: details(
            "PERMISSION_DENIED", "RATE_LIMIT_EXCEEDED",
            #","quota_limit":"defaultPerMinutePerProject","quota_unit":"1/min/{project}""#))
    static let userRate = error(
        429, "rateLimitExceeded", domain: "usageLimits",
        more: details(
            "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED",
            #","quota_limit":"defaultPerMinutePerUser","quota_unit":"1/min/{project}/{user}""#))
    static let notConfigured = error(
        403, "accessNotConfigured", domain: "usageLimits",
        "Google Calendar API has not been used in project 123 before or it is disabled.",
        more: details("PERMISSION_DENIED", "SERVICE_DISABLED"))
    /// Without the older form.
    static let serviceDisabled =
        #"{"error":{"code":403,"message":"No."\#(details("PERMISSION_DENIED", "SERVICE_DISABLED"))}}"#
    static let suspended =
        #"{"error":{"code":403,"message":"No."\#(details("PERMISSION_DENIED", "CONSUMER_SUSPENDED"))}}"#
    static let scopes = error(
        403, "insufficientPermissions", "Insufficient Permission",
        more: details("PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"))
    static let forbidden = error(403, "forbidden", "Forbidden")
    static let nonOrganizer = error(403, "forbiddenForNonOrganizer", domain: "calendar")
    static let noCalendarUser = error(403, "notACalendarUser", domain: "calendar")
    static let notFound = error(404, "notFound", "Not Found")
    static let duplicate = error(409, "duplicate", "The requested identifier already exists.")
    static let conflict = error(409, "conflict", "Conflict")
    static let conditionNotMet = error(412, "conditionNotMet", location: ("header", "If-Match"))
    static let backendError = error(500, "backendError", "Backend Error")
    static let channelTaken = error(400, "channelIdNotUnique", "Channel id not unique")
    static let pushUnsupported = error(400, "pushNotSupportedForRequestedResource", domain: "calendar")
    static let webhookRefused = error(401, "push.webhookUrlUnauthorized", "Unauthorized WebHook callback channel: x")

    static let html = "<html><title>Error 404 (Not Found)!!1</title></html>"
}
