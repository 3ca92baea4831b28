/// Make sure that a connection can be used: renew its access token when that is over or about to be. Waits when a
/// person has to connect the account again, and goes on by itself when they have.
package struct CheckConnection: Command {
    package static let kind = JobKind(rawValue: "connection.check")
    package static let queue = QueueName.tokens
    package static let maxAttempts = 20
    package static let attemptTimeoutSeconds = 60

    package var connection: ConnectionID

    package init(_ connection: ConnectionID) { self.connection = connection }

    package func validate() throws(InvalidCommand) {}

    private enum CodingKeys: String, CodingKey { case connection = "connection_id" }
}
