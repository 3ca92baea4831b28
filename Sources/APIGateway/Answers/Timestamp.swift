import Domain
import FoundationEssentials

extension JSONWriter {
    /// RFC 3339, UTC, milliseconds.
    mutating func field(_ name: StaticString, _ date: Date?) {
        field(name, date.map { $0.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) })
    }
}
