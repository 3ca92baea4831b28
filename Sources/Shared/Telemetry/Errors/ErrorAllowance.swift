internal import Domain
internal import FoundationEssentials

/// When the other side wants no more reports, and until when: a pure rule over its answers.
/// https://develop.sentry.dev/sdk/expected-features/rate-limiting/
struct ErrorAllowance: Equatable {
    private var closedUntil: Double = 0

    /// How long a 429 without a word about time lasts, in seconds.
    static let usualPause = 60.0
    /// Nothing is believed to want quiet for longer.
    static let longestPause = 86_400.0

    /// - Parameter now: in seconds; any clock that does not go back.
    func permits(at now: Double) -> Bool { now >= closedUntil }

    mutating func note(status: Int, retryAfter: String?, limits: String?, at now: Double) {
        var pause = limits.flatMap(Self.pause) ?? 0
        // The general header counts only where there is no particular one.
        if status == 429, limits == nil { pause = retryAfter.flatMap(Self.seconds) ?? Self.usualPause }
        if pause > 0 { closedUntil = max(closedUntil, now + min(pause, Self.longestPause)) }
    }

    /// `60:error;default:organization, 2700::key`: seconds, categories (none: all), scope.
    private static func pause(_ limits: String) -> Double? {
        var longest: Double?
        for limit in limits.split(separator: ",") {
            let parts = limit.split(separator: ":", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
            guard let seconds = parts.first.flatMap({ Double($0) }), seconds >= 0 else { continue }
            let categories = parts.count > 1 ? parts[1].split(separator: ";") : []
            if categories.isEmpty || categories.contains("error") { longest = max(longest ?? 0, seconds) }
        }
        return longest
    }

    private static func seconds(_ retryAfter: String) -> Double? {
        Double(retryAfter).flatMap { $0 >= 0 ? $0 : nil }
    }
}
