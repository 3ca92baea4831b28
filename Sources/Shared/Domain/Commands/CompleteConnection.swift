/// Redeem the code that a provider's consent page gave, and keep the connection. The code lies sealed in the row of the
/// authorization.
package struct CompleteConnection: Command {
    package static let kind = JobKind(rawValue: "connection.complete")
    package static let queue = QueueName.tokens
    /// A code is good once: what fails after it was sent is not repeated, and what fails before may be.
    package static let maxAttempts = 3
    package static let attemptTimeoutSeconds = 60

    package var authorization: AuthorizationID

    package init(_ authorization: AuthorizationID) { self.authorization = authorization }

    package func validate() throws(InvalidCommand) {}

    private enum CodingKeys: String, CodingKey { case authorization = "authorization_id" }
}
