/// See to it that the provider tells of changes to a calendar: open a watch channel when there is none, or when the one
/// there is ends soon, and close those that are not needed.
package struct WatchCalendar: Command {
    package static let kind = JobKind(rawValue: "calendar.watch")
    package static let queue = QueueName.calendars
    package static let maxAttempts = 5
    package static let attemptTimeoutSeconds = 120

    package var calendar: CalendarID

    package init(_ calendar: CalendarID) { self.calendar = calendar }

    package var orderingKey: String? { ReservedKey.watch.of(calendar) }

    package func validate() throws(InvalidCommand) {}

    /// With its unique key.
    package func specification(priority: JobPriority = .low, start: JobStart = .now) throws -> JobSpecification {
        var specification = try specification(queue: nil)
        specification.unique = Uniqueness(key: ReservedKey.watch.of(calendar), scope: .unfinished, onConflict: .keep)
        specification.priority = priority
        specification.start = start
        return specification
    }

    private enum CodingKeys: String, CodingKey { case calendar = "calendar_id" }
}
