/// Bring the list of a connected account's calendars up to date, and see to it that each of them is mirrored.
package struct ListCalendars: Command {
    package static let kind = JobKind(rawValue: "calendar.list")
    package static let queue = QueueName.calendars
    package static let maxAttempts = 12
    package static let attemptTimeoutSeconds = 300

    package var connection: ConnectionID
    /// Read all of it rather than what changed: a calendar that could not be read is tried again.
    package var isFull: Bool?

    package init(_ connection: ConnectionID, isFull: Bool = false) {
        self.connection = connection
        self.isFull = isFull ? true : nil
    }

    package var orderingKey: String? { ReservedKey.calendars.of(connection) }

    package func validate() throws(InvalidCommand) {}

    /// With its unique key.
    package func specification(priority: JobPriority = .normal, start: JobStart = .now) throws -> JobSpecification {
        var specification = try specification(queue: nil)
        let key = ReservedKey.calendars.of(connection) + (isFull == true ? ":full" : "")
        specification.unique = Uniqueness(key: key, scope: .pending, onConflict: .coalesce)
        specification.priority = priority
        specification.start = start
        return specification
    }

    private enum CodingKeys: String, CodingKey {
        case connection = "connection_id"
        case isFull = "full"
    }
}
