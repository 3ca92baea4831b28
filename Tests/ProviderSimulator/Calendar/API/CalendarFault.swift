/// One fault of the calendar API. Unless it says otherwise nothing is done for the request.
enum CalendarFault: Sendable, Equatable {
    // Instead of the answer
    /// Any status, with any reason in Google's form of error.
    case status(Int, reason: String?)
    /// Any status with a proxy's HTML page.
    case html(Int)
    case refusal(String)
    /// The connection closes without a byte.
    case cutBefore

    // Before or after it
    /// Waits so many milliseconds; then the request is done and answered.
    case slow(Int)
    /// Waits until `POST resume`; then the request is done and answered.
    case pause
    /// The request is done; its answer waits until `POST resume`.
    case pauseAfter
    /// The request is done; then the connection closes without a byte.
    case cutAfter
    /// The request is done; its answer is the first half of a JSON text.
    case malformed

    /// - Parameter text: `name` or `name:argument`: `status:503`, `status:403:domainPolicy`, `html:502`, `slow:500`.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 2).map(String.init)
        let number = parts.count > 1 ? Int(parts[1]) : nil
        switch (parts.first, number) {
        case ("status", let number?) where (300...599).contains(number):
            self = .status(number, reason: parts.count > 2 ? parts[2] : nil)
        case ("html", let number?) where (300...599).contains(number): self = .html(number)
        case ("slow", let number?) where number >= 0: self = .slow(number)
        default:
            if let plain = Self.plain[text] {
                self = plain
            } else if Self.refusals[text] != nil {
                self = .refusal(text)
            } else {
                return nil
            }
        }
    }

    private static let plain: [String: CalendarFault] = [
        "cut_before": .cutBefore, "cut_after": .cutAfter, "malformed": .malformed, "pause": .pause,
        "pause_after": .pauseAfter,
    ]

    private static let refusals: [String: CalendarRefusal] = [
        "rate_limited": .rateLimit(), "user_rate_limited": .userRateLimit(),
        "rate_limited_429": .rateLimit(status: 429),
        "quota_exceeded": .quotaExceeded, "full_sync_required": .fullSyncRequired, "not_found": .notFound,
        "forbidden": .forbidden, "invalid_credentials": .invalidCredentials, "backend_error": .backendError(500),
        "unavailable": .backendError(503), "access_not_configured": .accessNotConfigured(project: "123456789012"),
        "not_a_calendar_user": .init(
            status: 403, reason: "notACalendarUser",
            message: "The user must be signed up for Google Calendar.", domain: "calendar"),
        "insufficient_permissions": .insufficientScope(.listEvents),
    ]

    /// What the provider says; nil: the fault is of another kind.
    var refusal: CalendarRefusal? {
        switch self {
        case .refusal(let name): Self.refusals[name]
        case .status(let status, let reason?):
            .init(status: status, reason: reason, message: "Simulated \(reason)", domain: "calendar")
        case .status(let status, nil): .backendError(status)
        default: nil
        }
    }
}
