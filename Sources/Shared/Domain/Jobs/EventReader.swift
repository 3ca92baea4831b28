/// Decides which of the events found in a job's log one reader gets, so that it has every piece of text exactly once.
///
/// Pure: entries of the log in, events for the reader out. A log that was lost in mid-attempt (Redis restarted empty)
/// shows as a hole in the sequence; the reader then gets nothing more of that attempt until a snapshot or the next
/// attempt makes it whole again.
package struct EventReader: Sendable {
    /// The last event this reader has, also across its reconnects.
    package private(set) var cursor: EventCursor
    private var isWhole: Bool

    /// - Parameter cursor: the last event the reader says it has; `.start` for a new one.
    package init(after cursor: EventCursor) {
        self.cursor = cursor
        // A new reader has nothing, and the first event of every attempt is sequence 0: see `follows`.
        isWhole = true
    }

    /// - Parameter entries: what the log holds after `cursor`, in its order.
    package mutating func read(_ entries: [PlacedEvent]) -> [PlacedEvent] {
        entries.filter { read($0) }
    }

    private mutating func read(_ entry: PlacedEvent) -> Bool {
        guard entry.cursor > cursor || cursor == .start else { return false }
        let follows = isWhole && self.follows(entry.cursor)
        defer { cursor = entry.cursor }
        switch entry.event {
        case .attempt:
            isWhole = true
            return true
        case .snapshot:
            // Also for one who missed nothing: it may carry text that no delta does.
            isWhole = true
            return true
        case .delta:
            isWhole = follows
            return follows
        case .progress:
            // Says nothing about the text, but has a place among its events.
            isWhole = follows
            return true
        }
    }

    private func follows(_ next: EventCursor) -> Bool {
        next.attempt == cursor.attempt && next.sequence == cursor.sequence + 1
    }

    /// Whether the reader has all the text of a job that ended with this attempt and this last event.
    package func hasAll(attempt: Int, lastSequence: Int) -> Bool {
        isWhole && cursor.attempt == attempt && cursor.sequence >= lastSequence
    }
}
