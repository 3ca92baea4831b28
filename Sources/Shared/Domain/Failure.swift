/// Why an attempt did not succeed, classified once, at the boundary where it happened.
package struct Failure: Error, Sendable, Equatable, Codable {
    package enum Class: String, Sendable, Codable {
        /// Trying again may help.
        case retry
        /// Trying again cannot help: the job ends as failed.
        case permanent
        /// A person has to reconnect an account first.
        case needsReconnect = "needs_reconnect"
        /// Somebody asked for the end of the job.
        case cancelled
        /// An external write may or may not have happened: read back, never repeat blindly.
        case unknownOutcome = "unknown_outcome"
    }

    package var kind: Class
    /// Stable, snake_case, for programs: `rate_limited`, `stream_truncated`, …
    package var code: String
    /// One sentence for people. Never holds a secret, a payload or a provider's own text.
    package var message: String
    /// What the provider asked for, in seconds. `nil` when it said nothing.
    package var retryAfterSeconds: Double?
    /// False when the provider only said "later": such a retry is a snooze and costs no attempt.
    package var burnsAttempt: Bool
    /// What has to happen before the job can go on, such as `connection:<id>`; with `needsReconnect` only.
    package var waitsFor: String?

    /// The code of a job that did not end in time.
    package static let deadlineExceeded = "deadline_exceeded"

    package init(
        _ kind: Class, code: String, message: String, retryAfterSeconds: Double? = nil, burnsAttempt: Bool = true
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
        self.burnsAttempt = burnsAttempt
    }

    private enum CodingKeys: String, CodingKey {
        case kind, code, message
        case retryAfterSeconds = "retry_after_seconds"
        case burnsAttempt = "burns_attempt"
        case waitsFor = "waits_for"
    }
}
