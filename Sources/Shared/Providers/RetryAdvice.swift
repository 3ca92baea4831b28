package import FoundationEssentials
package import HTTPTransport

/// What a provider's answer says about trying again.
package struct RetryAdvice: Sendable, Equatable {
    /// OpenAI's `x-should-retry`; nil when the provider does not say.
    package var shouldRetry: Bool?
    /// How long to wait, in seconds: always above zero and at most `maxDelaySeconds`. nil when the provider gives
    /// no delay, or one that is unreadable, past, zero or negative.
    package var delaySeconds: Double?

    /// A longer wait than this is no advice any more.
    package static let maxDelaySeconds: Double = 7 * 24 * 3600

    package init(shouldRetry: Bool? = nil, delaySeconds: Double? = nil) {
        self.shouldRetry = shouldRetry
        self.delaySeconds = delaySeconds
    }

    /// Reads `x-should-retry`, then `retry-after-ms`, then `retry-after` in seconds (fractions too), then as HTTP-date:
    /// the order of the official clients
    /// (https://github.com/openai/openai-python/blob/main/src/openai/_base_client.py, `_parse_retry_after_header`).
    package init(headers: HTTPHeaders, now: Date) {
        self.init(
            shouldRetry: headers.first("x-should-retry").flatMap { Bool($0.lowercased()) },
            delaySeconds: Self.milliseconds(headers) ?? Self.seconds(headers, now: now))
    }

    private static func milliseconds(_ headers: HTTPHeaders) -> Double? {
        headers.first("retry-after-ms").flatMap { Double($0) }.flatMap { usable($0 / 1000) }
    }

    private static func seconds(_ headers: HTTPHeaders, now: Date) -> Double? {
        guard let text = headers.first("retry-after") else { return nil }
        if let seconds = Double(text) { return usable(seconds) }
        return HTTPDate(text).flatMap { usable($0.date.timeIntervalSince(now)) }
    }

    private static func usable(_ seconds: Double) -> Double? {
        seconds.isFinite && seconds > 0 ? min(seconds, maxDelaySeconds) : nil
    }
}
