import Domain

/// The Calendar API's "no". Read for its reason first, for its status last:
/// https://developers.google.com/workspace/calendar/api/guides/errors
///
/// What would throw events away (a calendar that is gone or forbidden) has to be said by Google itself: a status with
/// somebody else's page is trouble on the way.
struct GoogleRejection: Equatable {
    /// The HTTP status of the answer.
    var status: Int
    var error: GoogleError
    var advice = RetryAdvice()

    func fault(of call: GoogleCall) -> CalendarFault { reason ?? fault(forStatus: status, of: call) }

    // MARK: Google's reason

    private var reason: CalendarFault? {
        if status < 500, let webhook { return .other(webhook) }
        if error.mentions(Self.switchedOff) { return .other(.apiDisabled) }
        if error.mentions(Self.projectRefused) { return .other(.projectRefused) }
        if status == 429 || error.mentions(Self.quotas) { return quota }
        return error.mentions(Self.scopes) ? .denied(reason: CalendarFault.scopeMissing) : nil
    }

    /// `accessNotConfigured`, and `SERVICE_DISABLED` of
    /// https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto
    private static let switchedOff: Set = ["accessNotConfigured", "SERVICE_DISABLED"]
    /// Of the same list: this service's project is in trouble, whoever's calendar it is.
    private static let projectRefused: Set = [
        "BILLING_DISABLED", "CONSUMER_INVALID", "CONSUMER_SUSPENDED", "USER_PROJECT_DENIED",
    ]
    private static let quotas: Set = [
        "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED",
        "RESOURCE_QUOTA_EXCEEDED",
    ]
    private static let scopes: Set = ["insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"]

    private var quota: CalendarFault {
        let word = error.reasons.first { Self.quotas.contains($0) }
        let isProjects = error.quotaUnit.map { $0.contains("{project}") && !$0.contains("{user}") } ?? false
        return .quota(
            seconds: advice.delaySeconds, reason: isProjects ? CalendarFault.projectQuota : word ?? "rateLimitExceeded")
    }

    /// Of watch channels. `push.webhookUrlUnauthorized` comes with 401, and is not about the token:
    /// https://developers.google.com/workspace/calendar/api/guides/push#make-watch-requests
    private var webhook: Failure? {
        if error.mentions(["pushNotSupportedForRequestedResource"]) { return .watchUnsupported }
        return error.reasons.contains { $0.hasPrefix("push.") } ? .webhookRefused : nil
    }

    // MARK: The status

    private func fault(forStatus status: Int, of call: GoogleCall) -> CalendarFault {
        switch status {
        case 401: return .unauthorised
        case 412: return .changed
        case 408, 500...599: return .other(call.unknownOutcome ?? unavailable)
        case _ where error.isEmpty: return .other(call.unknownOutcome ?? .protocolViolation)
        case 400 where call.carriesToken && pointsAtToken: return .tokenOver
        case 400 where error.mentions(["channelIdNotUnique"]): return .duplicate
        case 403: return forbidden
        case 404: return .notFound
        case 409: return error.mentions(["duplicate"]) ? .duplicate : .other(unavailable)
        case 410: return gone(call)
        case 400..<500: return .other(refused)
        default: return .other(call.unknownOutcome ?? .protocolViolation)
        }
    }

    /// `Invalid sync token value.` comes with the reason `invalid`, and a place only sometimes.
    private var pointsAtToken: Bool {
        if let location = error.location, ["synctoken", "pagetoken"].contains(location.lowercased()) { return true }
        let texts = (error.reasons + [error.message].compactMap { $0 }).map { text in
            text.lowercased().filter { $0 != " " && $0 != "_" }
        }
        return texts.contains { $0.contains("synctoken") || $0.contains("pagetoken") }
    }

    /// Google's limits are one domain, whose reasons nobody lists.
    private var forbidden: CalendarFault {
        let word = error.word ?? "forbidden"
        return error.domain == "usageLimits"
            ? .quota(seconds: advice.delaySeconds, reason: word) : .denied(reason: word)
    }

    private func gone(_ call: GoogleCall) -> CalendarFault {
        if error.mentions(["fullSyncRequired", "updatedMinTooLongAgo"]) { return .tokenOver }
        guard call.isList else { return .gone }
        return error.mentions(["deleted"]) ? .notFound : .tokenOver
    }

    private var unavailable: Failure {
        Failure(
            .retry, code: "provider_unavailable", message: "The provider cannot answer at the moment.",
            retryAfterSeconds: advice.delaySeconds)
    }

    private var refused: Failure {
        let words = [error.word, error.location.flatMap { GoogleError.isWord($0) ? $0 : nil }].compactMap { $0 }
        let remark = words.isEmpty ? "" : " (\(words.joined(separator: ", ")))"
        return Failure(.permanent, code: "google_refused", message: "Google refused the request\(remark).")
    }
}

extension Failure {
    fileprivate static let apiDisabled = Failure(
        .permanent, code: "google_api_disabled",
        message: "The Google Calendar API is not enabled for this service: its operator has to enable it in the "
            + "Google Cloud project, under APIs & Services.")
    fileprivate static let projectRefused = Failure(
        .permanent, code: "google_project_refused",
        message: "Google does not serve this service's Google Cloud project: its operator has to look after it there.")
    fileprivate static let webhookRefused = Failure(
        .permanent, code: "google_webhook_refused",
        message: "Google does not accept the address for notifications: it must be https, with a certificate that "
            + "is trusted, on a domain that the Google Cloud project may use.")
    fileprivate static let watchUnsupported = Failure(
        .permanent, code: "google_watch_unsupported", message: "Google tells of no changes to this calendar.")
}
