/// How one attempt ended, seen from the process that ran it.
package enum Outcome: Sendable, Equatable {
    /// The result is a JSON value, UTF-8.
    case succeeded(result: [UInt8])
    case failed(Failure)
    /// Somebody asked for the end; the partial result, a JSON value, if there is one.
    case cancelled(partialResult: [UInt8]?)
    /// The worker stops: the job goes back to its queue and this start is not counted.
    case handedBack
}

/// What an outcome makes of the job's row.
package struct Settlement: Sendable, Equatable {
    package var state: JobState
    /// Seconds until the job may run again; 0 unless `state` is `scheduled`.
    package var delaySeconds: Double
    /// Gives the start back: it does not count against the job's attempts.
    package var refundsAttempt: Bool
    package var result: [UInt8]?
    package var failure: Failure?

    package init(
        state: JobState, delaySeconds: Double = 0, refundsAttempt: Bool = false, result: [UInt8]? = nil,
        failure: Failure? = nil
    ) {
        self.state = state
        self.delaySeconds = delaySeconds
        self.refundsAttempt = refundsAttempt
        self.result = result
        self.failure = failure
    }
}

extension Settlement {
    /// Decides what becomes of a running job.
    /// - Parameters:
    ///   - attempt: all starts so far, this one included.
    ///   - attemptsSpent: those of them that count, this one included.
    ///   - cancelRequested: a failed attempt of a job that is to be cancelled is not tried again.
    package init(
        of outcome: Outcome, attempt: Int, attemptsSpent: Int, maxAttempts: Int, cancelRequested: Bool,
        policy: RetryPolicy,
        random: inout some RandomNumberGenerator
    ) {
        switch outcome {
        case .succeeded(let result):
            self.init(state: .succeeded, result: result)
        case .cancelled(let partial):
            self.init(state: .cancelled, result: partial)
        case .handedBack:
            self.init(state: .queued, refundsAttempt: true)
        case .failed(let failure) where failure.kind == .cancelled || (cancelRequested && failure.kind == .retry):
            self.init(state: .cancelled)
        case .failed(let failure):
            // What is given back for ever would keep a job for ever.
            var failure = failure
            if attempt - attemptsSpent >= Self.maxRefunds { failure.burnsAttempt = true }
            self = Self.afterFailure(
                failure, attemptsSpent: attemptsSpent, maxAttempts: maxAttempts, policy: policy, random: &random)
        }
    }

    /// How many starts a job may be given back before every further failure counts.
    package static let maxRefunds = 100

    private static func afterFailure(
        _ failure: Failure, attemptsSpent: Int, maxAttempts: Int, policy: RetryPolicy,
        random: inout some RandomNumberGenerator
    ) -> Settlement {
        switch failure.kind {
        case .needsReconnect:
            return Settlement(state: .waiting, refundsAttempt: true, failure: failure)
        case .permanent, .unknownOutcome, .cancelled:
            return Settlement(state: .failed, failure: failure)
        case .retry where failure.burnsAttempt && attemptsSpent >= maxAttempts:
            return Settlement(state: .failed, failure: failure)
        case .retry:
            let delay = policy.delaySeconds(
                afterSpent: attemptsSpent, retryAfterSeconds: failure.retryAfterSeconds, random: &random)
            return Settlement(
                state: .scheduled, delaySeconds: delay, refundsAttempt: !failure.burnsAttempt, failure: failure)
        }
    }
}
