/// Where a reader of a calendar's changes is. One who comes without a cursor gets what is there, by the events' ids, and
/// then what changed since they began.
enum ChangeCursor: Equatable, Sendable, CustomStringConvertible {
    /// Behind the changes up to a version of the calendar.
    case changes(after: Int)
    /// Behind an event, while what is there is read. `since`: the version of the calendar when that began.
    case listing(since: Int, after: String)

    /// `nil`: it is no cursor.
    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0].utf8.allSatisfy({ (48...57).contains($0) }), let version = Int(parts[0]) else { return nil }
        if parts.count == 1 {
            self = .changes(after: version)
        } else if parts[1].isEmpty {
            return nil
        } else {
            self = .listing(since: version, after: String(parts[1]))
        }
    }

    var description: String {
        switch self {
        case .changes(let version): "\(version)"
        case .listing(let version, let event): "\(version).\(event)"
        }
    }
}
