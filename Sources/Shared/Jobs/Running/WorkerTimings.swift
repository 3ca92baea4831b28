/// The clockwork of liveness. Others bury a worker `deadAfter` its last beat at the earliest, and it stops itself a
/// while before that, by its own clock.
package struct WorkerTimings: Sendable, Equatable {
    package var deadAfter: Duration
    package var beatEvery: Duration
    package var lookEvery: Duration
    /// Without a successful beat for so long, counted from when that beat was sent, a worker stops its attempts.
    package var stopSelfAfter: Duration
    /// How long a queued job may be in no list before it is pushed again.
    package var missingGrace: Duration

    /// - Parameter deadAfterSeconds: 2 to 300.
    package init(deadAfterSeconds: Double = 3.75) {
        deadAfter = .seconds(deadAfterSeconds)
        beatEvery = .seconds(deadAfterSeconds / 15)
        lookEvery = .seconds(deadAfterSeconds / 15)
        stopSelfAfter = .seconds(deadAfterSeconds * 15 / 16)
        missingGrace = .seconds(2)
    }
}
