package import FoundationEssentials

extension JSONWriter {
    /// RFC 3339, UTC, milliseconds.
    package mutating func field(_ name: StaticString, _ date: Date?) {
        // Half of PostgreSQL's resolution more: a date is a binary fraction, and the style cuts rather than rounds.
        let exact = date?.addingTimeInterval(0.000_000_5)
        field(name, exact.map { $0.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) })
    }
}
