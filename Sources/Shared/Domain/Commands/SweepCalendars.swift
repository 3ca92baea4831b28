/// Start what is due: syncs of calendars that nobody told of for a while, watch channels that end soon, lists of
/// calendars; and throw away tombstones whose time is over.
package struct SweepCalendars: Command {
    package static let kind = JobKind(rawValue: "sweep.calendars")
    package static let queue = QueueName.calendars
    package static let attemptTimeoutSeconds = 1800

    package init() {}

    package func validate() throws(InvalidCommand) {}
}
