/// How many messages may come: so many a second, and twice as many at once. Pure: the clock is the caller's.
struct MessageRate {
    let perSecond: Int
    private var left: Double
    private var asked: ContinuousClock.Instant

    init(perSecond: Int, at now: ContinuousClock.Instant) {
        self.perSecond = perSecond
        left = Double(perSecond * 2)
        asked = now
    }

    /// Counts one. False when it is one too many.
    mutating func allows(at now: ContinuousClock.Instant) -> Bool {
        left = min(Double(perSecond * 2), left + (now - asked) / .seconds(1) * Double(perSecond))
        asked = now
        guard left >= 1 else { return false }
        left -= 1
        return true
    }
}
