package import FoundationEssentials

/// The time outside which an event takes no place, in whatever zone its days are looked at. It may be wider than
/// needed, never narrower.
package struct EventSpan: Sendable, Equatable {
    package var first: Date
    /// What starts or ends then belongs to it. `nil`: it has no end, or one that is not known.
    package var last: Date?

    package init(first: Date, last: Date?) {
        self.first = first
        self.last = last
    }

    /// `false`: nothing takes place in the range. In SQL: `first_at < upper AND (last_at IS NULL OR last_at >= lower)`.
    package func mayTouch(_ range: Range<Date>) -> Bool {
        first < range.upperBound && (last.map { $0 >= range.lowerBound } ?? true)
    }
}
