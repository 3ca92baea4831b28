/// How far a task is.
package enum TaskStatus: String, Sendable, CaseIterable {
    case open
    case inProgress = "in_progress"
    case done, cancelled
}
