/// How long a job rests after a failed attempt: exponential, with jitter, and never sooner than the provider asked.
package struct RetryPolicy: Sendable, Equatable {
    package var baseSeconds: Double
    package var factor: Double
    package var maxSeconds: Double
    /// A provider that asks for more than this is obeyed up to this bound.
    package var maxRetryAfterSeconds: Double

    package static let standard = RetryPolicy(baseSeconds: 1, factor: 2, maxSeconds: 300, maxRetryAfterSeconds: 86_400)

    package init(baseSeconds: Double, factor: Double, maxSeconds: Double, maxRetryAfterSeconds: Double) {
        self.baseSeconds = baseSeconds
        self.factor = factor
        self.maxSeconds = maxSeconds
        self.maxRetryAfterSeconds = maxRetryAfterSeconds
    }

    /// Seconds to wait after the `spent`-th spent attempt (from 1). Between half and all of the exponential step, so
    /// that jobs that failed together do not come back together.
    package func delaySeconds(
        afterSpent spent: Int, retryAfterSeconds: Double?, random: inout some RandomNumberGenerator
    ) -> Double {
        if let asked = retryAfterSeconds, asked.isFinite {
            // Jitter only upwards: coming back early would be refused again.
            return min(max(asked, 0), maxRetryAfterSeconds) + Double.random(in: 0...0.25, using: &random)
        }
        var step = baseSeconds
        for _ in 1..<max(spent, 1) where step < maxSeconds { step *= factor }
        step = min(step, maxSeconds)
        return Double.random(in: (step / 2)...step, using: &random)
    }
}
