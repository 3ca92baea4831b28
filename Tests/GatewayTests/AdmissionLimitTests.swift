import Testing

@testable import APIGateway

@Suite struct AdmissionLimitTests {
    private static func signs(
        delay: Int = 1, waiters: Int = 0, ended: Int = 100, slow: Int = 0, endedInSecond: Int = 0, open: Int
    ) -> AdmissionLimit.Signs {
        AdmissionLimit.Signs(
            delay: .milliseconds(delay), databaseWaiters: waiters, ended: ended, slow: slow,
            endedInSecond: endedInSecond, open: open)
    }

    @Test func `while all is well it stays at its ceiling`() {
        var limit = AdmissionLimit(ceiling: 1_000)
        for _ in 0..<100 { limit.see(Self.signs(open: 900)) }
        #expect(limit.value == 1_000)
        #expect(limit.admits(open: 999) && !limit.admits(open: 1_000))
    }

    @Test(arguments: [
        signs(delay: 501, open: 500), signs(waiters: 2_000, open: 500), signs(slow: 10, open: 500),
    ])
    func `bad signs take a fifth of what is in use`(signs: AdmissionLimit.Signs) {
        var limit = AdmissionLimit(ceiling: 1_000)
        limit.see(signs)
        #expect(limit.value == 400)
    }

    @Test(arguments: [signs(delay: 500, open: 500), signs(slow: 9, open: 500), signs(ended: 2, slow: 2, open: 2)])
    func `chance is no sign`(signs: AdmissionLimit.Signs) {
        var limit = AdmissionLimit(ceiling: 1_000)
        limit.see(signs)
        #expect(limit.value == 1_000)
    }

    @Test func `it never closes altogether, and opens again when things are better`() {
        var limit = AdmissionLimit(ceiling: 1_000)
        for _ in 0..<50 { limit.see(Self.signs(delay: 900, open: 1_000)) }
        #expect(limit.value == AdmissionLimit.floor)
        var ticks = 0
        while limit.value < 1_000 {
            limit.see(Self.signs(open: 10))
            ticks += 1
        }
        #expect(ticks <= 100, "ten seconds")
    }

    @Test func `a server that serves so many a second settles where its delay is bounded`() {
        // 2,000 a second, whatever is let in: what is open waits open / 2,000 s. Four times as many want in.
        var limit = AdmissionLimit(ceiling: 1_000)
        var open = 0.0
        var worst = 0.0
        for tick in 0..<600 {
            open = max(0, open - 200)
            open += min(800, max(0, limit.value - open))
            let milliseconds = open / 2
            limit.see(
                Self.signs(
                    delay: Int(milliseconds), ended: 200, slow: milliseconds > 250 ? 200 : 0, endedInSecond: 2_000,
                    open: Int(open)))
            if tick > 50 { worst = max(worst, milliseconds) }
        }
        #expect(worst <= 500, "\(worst) ms")
    }

    @Test func `what is slow for another reason is not made less`() {
        // A second each, however few there are.
        var limit = AdmissionLimit(ceiling: 1_000)
        for _ in 0..<100 {
            limit.see(Self.signs(ended: 100, slow: 100, endedInSecond: 1_000, open: Int(limit.value)))
        }
        #expect(limit.value == 500)
    }
}
