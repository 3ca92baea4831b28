/// Bring the list of a connected account's calendars up to date, and see to it that each of them is mirrored.
package struct ListCalendars: Command {
    package static let kind = JobKind(rawValue: "calendar.list")
    package static let queue = QueueName.calendars
    package static let maxAttempts = 12
    package static let attemptTimeoutSeconds = 300

    package var connection: ConnectionID

    package init(_ connection: ConnectionID) { self.connection = connection }

    package var orderingKey: String? { ReservedKey.calendars.of(connection) }

    package func validate() throws(InvalidCommand) {}

    /// With its unique key.
    package func specification(priority: JobPriority = .normal, start: JobStart = .now) throws -> JobSpecification {
        var specification = try specification(queue: nil)
        specification.unique = Uniqueness(
            key: ReservedKey.calendars.of(connection), scope: .pending, onConflict: .coalesce)
        specification.priority = priority
        specification.start = start
        return specification
    }

    private enum CodingKeys: String, CodingKey { case connection = "connection_id" }
}
