/// Renew what is due soon, and release jobs whose connection is good again.
package struct SweepTokens: Command {
    package static let kind = JobKind(rawValue: "sweep.tokens")
    package static let queue = QueueName.tokens
    package static let maxAttempts = 5
    package static let attemptTimeoutSeconds = 3600

    package init() {}

    package func validate() throws(InvalidCommand) {}
}
