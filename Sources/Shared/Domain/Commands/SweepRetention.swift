/// Throw away what has ended longer ago than it is to be kept. The workers do so all the time, a little at a time; this
/// does all of it at once, for whoever wants to know when it is done.
package struct SweepRetention: Command {
    package static let kind = JobKind(rawValue: "sweep.retention")
    package static let queue = QueueName.default
    package static let maxAttempts = 3
    package static let attemptTimeoutSeconds = 3600

    package init() {}

    /// Two sweeps at once would only take turns.
    package var orderingKey: String? { ReservedKey.sweep.of(Self.kind.rawValue) }

    package func validate() throws(InvalidCommand) {}
}
