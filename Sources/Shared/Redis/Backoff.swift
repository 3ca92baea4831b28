/// How long to wait before the next attempt to connect: exponential from 50 ms to 2 s, with jitter, so that many
/// processes do not come back in the same instant.
struct Backoff {
    static let firstMilliseconds = 50.0
    static let maxMilliseconds = 2_000.0
    /// A connection that lived shorter than this does not count as recovery.
    static let steady = Duration.seconds(1)

    private(set) var failures = 0

    mutating func reset() { failures = 0 }

    /// `random` is in 0..<1. The wait lies between half and all of the exponential step.
    mutating func next(random: Double) -> Duration {
        let step = min(Self.maxMilliseconds, Self.firstMilliseconds * Double(1 << min(failures, 10)))
        failures += 1
        return .microseconds(Int64(step * (0.5 + random / 2) * 1_000))
    }
}
