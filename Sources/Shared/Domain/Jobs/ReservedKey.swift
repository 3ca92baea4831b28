/// The ordering and unique keys of Errand's own jobs, by what they keep in order or apart. What a client names may not
/// begin as they do, so that no job it posts stands in their way.
package enum ReservedKey: String, Sendable {
    case calendar, calendars, check, conversation, disconnect, event, renewal, sweep, watch
    /// Keeps coalesced jobs from overlapping.
    case unique

    package static let prefix = "errand:"

    /// Whether a client may not name it.
    package static func isReserved(_ key: String) -> Bool { key.utf8.starts(with: prefix.utf8) }

    /// Ids that only differ behind the longest key have one key: such jobs wait for each other, which does no harm.
    package func of(_ id: some CustomStringConvertible) -> String {
        let key = "\(Self.prefix)\(rawValue):\(id)"
        return String(String.UnicodeScalarView(key.unicodeScalars.prefix(JobSpecification.maxKeyLength)))
    }
}
