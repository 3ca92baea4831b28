/// What an attempt tells while it runs. The end of a job is not an event: it is read from the row.
package enum JobEvent: Sendable, Equatable {
    /// A new attempt begins: whatever an earlier one streamed no longer counts. Always sequence 0 of its attempt.
    case attempt(Int)
    /// Text to append.
    case delta(String)
    /// The whole text of this attempt so far: replaces what a reader has. Written when the log was lost.
    case snapshot(String)
    /// How far the attempt says it is: a JSON object.
    case progress(String)

    package var name: String {
        switch self {
        case .attempt: "attempt"
        case .delta: "delta"
        case .snapshot: "snapshot"
        case .progress: "progress"
        }
    }
}

package struct PlacedEvent: Sendable, Equatable {
    package var cursor: EventCursor
    package var event: JobEvent

    package init(cursor: EventCursor, event: JobEvent) {
        self.cursor = cursor
        self.event = event
    }
}
