/// A place in a job's stream of events: which attempt, and which event of it (from 0). Printed `attempt-sequence`,
/// which
/// is also the event's id in the Redis stream and in the SSE answer.
package struct EventCursor: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var attempt: Int
    package var sequence: Int

    package init(attempt: Int, sequence: Int) {
        self.attempt = attempt
        self.sequence = sequence
    }

    /// Before everything.
    package static let start = EventCursor(attempt: 0, sequence: 0)

    /// Reads `attempt-sequence`, both decimal and below 2^31. `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let attempt = Self.number(parts[0]), let sequence = Self.number(parts[1]) else {
            return nil
        }
        self.init(attempt: attempt, sequence: sequence)
    }

    private static func number(_ text: some StringProtocol) -> Int? {
        guard (1...10).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        guard let value = Int(text), value <= Int(Int32.max) else { return nil }
        return value
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.attempt, left.sequence) < (right.attempt, right.sequence)
    }

    package var description: String { "\(attempt)-\(sequence)" }
}
