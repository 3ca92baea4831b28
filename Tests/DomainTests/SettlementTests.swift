import Domain
import Testing

private struct Fixed: RandomNumberGenerator {
    var state: UInt64 = 42
    mutating func next() -> UInt64 {
        // SplitMix64: repeatable, so that a failure can be looked at again.
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

@Suite struct SettlementTests {
    private func settle(
        _ outcome: Outcome, attempt: Int? = nil, spent: Int = 1, max: Int = 3, cancelRequested: Bool = false
    ) -> Settlement {
        var random = Fixed()
        return Settlement(
            of: outcome, attempt: attempt ?? spent, attemptsSpent: spent, maxAttempts: max,
            cancelRequested: cancelRequested, policy: .standard,
            random: &random)
    }

    private func failure(_ kind: Failure.Class, retryAfter: Double? = nil, burns: Bool = true) -> Outcome {
        .failed(Failure(kind, code: "code", message: "message", retryAfterSeconds: retryAfter, burnsAttempt: burns))
    }

    @Test func `a retryable failure rests and comes back`() {
        let settlement = settle(failure(.retry), spent: 2)
        #expect(settlement.state == .scheduled)
        #expect((1.0...2.0).contains(settlement.delaySeconds))
        #expect(!settlement.refundsAttempt)
        #expect(settlement.failure?.code == "code")
    }

    @Test func `the last attempt's failure is final`() {
        let settlement = settle(failure(.retry), spent: 3, max: 3)
        #expect(settlement.state == .failed)
        #expect(settlement.failure != nil)
    }

    @Test func `a provider that says later costs no attempt, even the last one`() {
        let settlement = settle(failure(.retry, retryAfter: 7, burns: false), spent: 3, max: 3)
        #expect(settlement.state == .scheduled)
        #expect(settlement.refundsAttempt)
        #expect((7.0...7.25).contains(settlement.delaySeconds))
    }

    @Test func `a provider that says later for ever is not obeyed for ever`() {
        let later = failure(.retry, retryAfter: 7, burns: false)
        #expect(settle(later, attempt: 102, spent: 3, max: 3).state == .scheduled)
        #expect(settle(later, attempt: 103, spent: 3, max: 3).state == .failed)
        #expect(settle(later, attempt: 103, spent: 1, max: 3).refundsAttempt == false)
    }

    @Test(arguments: [Failure.Class.permanent, .unknownOutcome])
    func `what repeating cannot help fails at once`(kind: Failure.Class) {
        #expect(settle(failure(kind)).state == .failed)
    }

    @Test func `a lost connection waits for a person and costs no attempt`() {
        let settlement = settle(failure(.needsReconnect))
        #expect(settlement.state == .waiting)
        #expect(settlement.refundsAttempt)
    }

    @Test func `a drained attempt goes back to the queue and is not counted`() {
        #expect(settle(.handedBack) == Settlement(state: .queued, refundsAttempt: true))
    }

    @Test func `a failed attempt of a job to be cancelled is not tried again`() {
        #expect(settle(failure(.retry), cancelRequested: true).state == .cancelled)
        #expect(settle(failure(.permanent), cancelRequested: true).state == .failed)
    }

    @Test func `a cancelled attempt keeps what it had`() {
        let settlement = settle(.cancelled(partialResult: [1]))
        #expect(settlement.state == .cancelled)
        #expect(settlement.result == [1])
    }

    @Test func `backoff grows, stays within its step, and is bounded`() {
        var random = Fixed()
        let policy = RetryPolicy(baseSeconds: 1, factor: 2, maxSeconds: 60, maxRetryAfterSeconds: 100)
        for (spent, step) in [(1, 1.0), (2, 2), (3, 4), (7, 60), (50, 60)] {
            for _ in 0..<200 {
                let delay = policy.delaySeconds(afterSpent: spent, retryAfterSeconds: nil, random: &random)
                #expect((step / 2...step).contains(delay))
            }
        }
        #expect(policy.delaySeconds(afterSpent: 1, retryAfterSeconds: 1e9, random: &random) <= 100.25)
        #expect(policy.delaySeconds(afterSpent: 1, retryAfterSeconds: -5, random: &random) <= 0.25)
        #expect(policy.delaySeconds(afterSpent: 1, retryAfterSeconds: .nan, random: &random) <= 1)
    }
}
