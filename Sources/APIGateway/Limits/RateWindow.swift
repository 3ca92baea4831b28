import HTTPTypes

/// What is left of one limit.
struct RateWindow: Sendable, Equatable {
    var policy: RatePolicy
    var limit: RateLimit
    /// Requests that may follow now.
    var remaining: Int
    /// Until there is more room; when there is none, until the next request passes. Rounded up;
    /// never more than the limit's own.
    var seconds: Int
}

/// The fields of draft-ietf-httpapi-ratelimit-headers-11, both lists of RFC 9651: a policy is a quota and its window, a
/// limit what is left of it and in how many seconds there is more.
extension HTTPFields {
    mutating func append(_ windows: [RateWindow], refused: Bool) {
        var (policies, limits) = ("", "")
        for window in windows {
            let name = window.policy.rawValue
            let comma = policies.isEmpty ? "" : ", "
            policies += "\(comma)\"\(name)\";q=\(window.limit.quota);w=\(window.limit.seconds)"
            // Retry-After must not be earlier than any `t`: of a refusal only those that refused have one.
            let time = refused && window.remaining > 0 ? "" : ";t=\(window.seconds)"
            limits += "\(comma)\"\(name)\";r=\(window.remaining)\(time)"
        }
        append(HTTPField(name: .rateLimitPolicy, value: policies))
        append(HTTPField(name: .rateLimit, value: limits))
    }
}

extension Problem {
    /// https://iana.org/assignments/http-problem-types#quota-exceeded
    static func quotaExceeded(_ windows: [RateWindow]) -> Problem {
        let violated = windows.filter { $0.remaining == 0 }
        let seconds = max(1, violated.map(\.seconds).max() ?? 1)
        var problem = Problem(
            status: .tooManyRequests, code: "rate_limited",
            detail: "Too many requests. Try again in \(seconds) \(seconds == 1 ? "second" : "seconds").",
            headers: [.retryAfter: String(seconds)])
        problem.type = "https://iana.org/assignments/http-problem-types#quota-exceeded"
        problem.violatedPolicies = violated.map(\.policy.rawValue)
        return problem
    }
}

extension HTTPField.Name {
    static let rateLimitPolicy = HTTPField.Name("RateLimit-Policy")!
    static let rateLimit = HTTPField.Name("RateLimit")!
}
