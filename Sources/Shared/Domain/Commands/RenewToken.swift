/// Get a connection's next access token. There is at most one that waits or runs for a connection, in the whole
/// cluster.
package struct RenewToken: Command {
    package static let kind = JobKind(rawValue: "token.renew")
    package static let queue = QueueName.tokens
    /// About an hour, at up to five minutes each: a provider's outage ends no connection.
    package static let maxAttempts = 20
    package static let attemptTimeoutSeconds = 60

    package var connection: ConnectionID
    /// The version of the tokens that are to be replaced: when there are newer ones, nothing is left to do.
    package var tokenVersion: Int

    package init(_ connection: ConnectionID, tokenVersion: Int) {
        self.connection = connection
        self.tokenVersion = tokenVersion
    }

    package var orderingKey: String? { connection.orderingKey }

    package func validate() throws(InvalidCommand) {
        guard tokenVersion >= 1 else { throw InvalidCommand(field: "token_version", "must be at least 1") }
    }

    /// With its unique key: another one of the same connection is this one.
    package func specification(priority: JobPriority = .normal, start: JobStart = .now) throws -> JobSpecification {
        var specification = try specification(queue: nil)
        specification.unique = Uniqueness(key: connection.orderingKey, scope: .unfinished, onConflict: .keep)
        specification.priority = priority
        specification.start = start
        return specification
    }

    private enum CodingKeys: String, CodingKey {
        case connection = "connection_id"
        case tokenVersion = "token_version"
    }
}
