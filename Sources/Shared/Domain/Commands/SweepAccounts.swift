/// Throw away what is over of accounts, companies and tasks, each after its time.
package struct SweepAccounts: Command {
    package static let kind = JobKind(rawValue: "sweep.accounts")
    package static let queue = QueueName.default
    package static let maxAttempts = 3
    package static let attemptTimeoutSeconds = 3600

    package init() {}

    /// Two sweeps at once would only take turns.
    package var orderingKey: String? { ReservedKey.sweep.of(Self.kind.rawValue) }

    package func validate() throws(InvalidCommand) {}
}
