/// Withdraw this service's access at the provider, and forget the connection.
package struct Disconnect: Command {
    package static let kind = JobKind(rawValue: "connection.disconnect")
    package static let queue = QueueName.tokens
    /// About an hour. What the provider never confirms is forgotten here all the same: see its handler.
    package static let maxAttempts = 20
    package static let attemptTimeoutSeconds = 60

    package var connection: ConnectionID

    package init(_ connection: ConnectionID) { self.connection = connection }

    /// After a renewal that runs.
    package var orderingKey: String? { connection.orderingKey }

    package func validate() throws(InvalidCommand) {}

    private enum CodingKeys: String, CodingKey { case connection = "connection_id" }
}
