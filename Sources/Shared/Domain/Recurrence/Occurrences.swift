/// The answer to a question for occurrences.
package struct Occurrences<Start: Sendable & Equatable>: Sendable, Equatable {
    /// Ascending, each once. Complete from the start of the range to the last one in here.
    package var starts: [Start]
    /// Why the end of the range was not reached. `nil`: it was, and these are all.
    package var limit: RecurrenceLimit?
}
