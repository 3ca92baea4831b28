/// Bring the mirror of one calendar up to date. Of any number that are asked for, one runs and one more follows it.
package struct SyncCalendar: Command {
    package static let kind = JobKind(rawValue: "calendar.sync")
    package static let queue = QueueName.calendars
    package static let maxAttempts = 12
    package static let attemptTimeoutSeconds = 900

    package var calendar: CalendarID
    /// Read everything again rather than what changed.
    package var isFull: Bool?

    package init(_ calendar: CalendarID, isFull: Bool = false) {
        self.calendar = calendar
        self.isFull = isFull ? true : nil
    }

    package var orderingKey: String? { Self.orderingKey(of: calendar) }
    package static func orderingKey(of calendar: CalendarID) -> String { ReservedKey.calendar.of(calendar) }

    package func validate() throws(InvalidCommand) {}

    /// With its unique key. One that is asked for by a person goes before those that are not.
    package func specification(priority: JobPriority = .normal, start: JobStart = .now) throws -> JobSpecification {
        var specification = try specification(queue: nil)
        // One that reads what changed does not do for one that is to read everything.
        let key = Self.orderingKey(of: calendar) + (isFull == true ? ":full" : "")
        specification.unique = Uniqueness(key: key, scope: .pending, onConflict: .coalesce)
        specification.priority = priority
        specification.start = start
        return specification
    }

    private enum CodingKeys: String, CodingKey {
        case calendar = "calendar_id"
        case isFull = "full"
    }
}
