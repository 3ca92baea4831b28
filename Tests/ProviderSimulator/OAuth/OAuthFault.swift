/// One fault of an OAuth endpoint. Unless it says otherwise nothing is done for the request.
enum OAuthFault: Sendable, Equatable {
    // Instead of the answer
    /// Any status with the provider's form of error.
    case status(Int)
    /// Any status with a proxy's HTML page.
    case html(Int)
    case rateLimited
    case invalidGrant
    /// Google's `error_subtype: invalid_rapt`.
    case invalidRapt
    /// Any `error` with status 400, such as `admin_policy_enforced`.
    case error(String)
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

    /// - Parameter text: `name` or `name:argument`, such as `status:503`, `slow:500` or `error:admin_policy_enforced`.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        let number = parts.count > 1 ? Int(parts[1]) : nil
        switch (parts.first, number) {
        case ("status", let number?) where (300...599).contains(number): self = .status(number)
        case ("html", let number?) where (300...599).contains(number): self = .html(number)
        case ("slow", let number?) where number >= 0: self = .slow(number)
        case ("error", _) where parts.count > 1: self = .error(parts[1])
        default:
            guard parts.count == 1, let fault = Self.plain[text] else { return nil }
            self = fault
        }
    }

    private static let plain: [String: OAuthFault] = [
        "rate_limited": .rateLimited, "invalid_grant": .invalidGrant, "invalid_rapt": .invalidRapt,
        "cut_before": .cutBefore, "cut_after": .cutAfter, "malformed": .malformed, "pause": .pause,
        "pause_after": .pauseAfter,
    ]

    /// What the provider says; nil: the fault is of another kind.
    var refusal: Refusal? {
        switch self {
        case .status(let status): .status(status)
        case .rateLimited: .rateLimited
        case .invalidGrant: .invalidGrant
        case .invalidRapt: .sessionControl
        case .error(let name): .named(name)
        default: nil
        }
    }
}
