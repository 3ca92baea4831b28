import Testing

@testable import ProviderSimulator

/// The limits that the governor is measured against: what they let through must be exact.
@Suite struct SimulatedQuotaTests {
    private func quotas(project: Int?, user: Int?) -> CalendarQuotas {
        let quotas = CalendarQuotas()
        quotas.set(.init(project: project, user: user, windowSeconds: 60))
        return quotas
    }

    private func reason(_ quotas: CalendarQuotas, _ project: String, _ user: String, at now: Double) -> String? {
        do throws(CalendarRefusal) {
            try quotas.admit(project: project, user: user, now: now)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a window slides: each request makes room exactly sixty seconds after it was admitted`() {
        let quotas = quotas(project: nil, user: 3)
        for now in [0.0, 10, 20] { #expect(reason(quotas, "p", "u", at: now) == nil) }
        #expect(reason(quotas, "p", "u", at: 59.999) == "userRateLimitExceeded")
        #expect(reason(quotas, "p", "u", at: 60) == nil)
        #expect(reason(quotas, "p", "u", at: 69.999) == "userRateLimitExceeded")
        #expect(reason(quotas, "p", "u", at: 70) == nil)
        #expect(reason(quotas, "p", "u", at: 79.999) == "userRateLimitExceeded")
    }

    @Test func `users of one project share its limit, and projects share nothing`() {
        let quotas = quotas(project: 4, user: 3)
        for user in ["a", "a", "a", "b"] { #expect(reason(quotas, "p", user, at: 1) == nil) }
        #expect(reason(quotas, "p", "a", at: 1) == "userRateLimitExceeded")
        #expect(reason(quotas, "p", "c", at: 1) == "rateLimitExceeded")
        #expect(reason(quotas, "other", "a", at: 1) == nil)
    }

    @Test func `no window ever holds more than its limit, whenever the requests come`() {
        let quotas = quotas(project: 50, user: 20)
        var generator = SeededGenerator(seed: 11)
        var admitted: [(user: Int, at: Double)] = []
        var now = 0.0
        for _ in 0..<5_000 {
            now += Double.random(in: 0..<2, using: &generator)
            let user = Int.random(in: 0..<4, using: &generator)
            if reason(quotas, "p", String(user), at: now) == nil { admitted.append((user, now)) }
            let recent = admitted.suffix(60).filter { $0.at > now - 60 }
            #expect(recent.count <= 50)
            #expect(recent.count { $0.user == user } <= 20)
        }
        #expect(admitted.count > 3_000)
    }
}
