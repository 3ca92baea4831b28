/// What was found in tokens that were verified before, found again by their SHA-256.
///
/// Bounded: two halves, of which the older is dropped when the younger is full. What is used stays.
struct TokenCache<Finding: Sendable>: Sendable {
    private let halfCount: Int
    /// Of the keys the findings were made with.
    private var version: UInt64 = 0
    private var young: [[UInt8]: Finding] = [:]
    private var old: [[UInt8]: Finding] = [:]

    /// - Parameter capacity: how many findings are kept at most.
    init(capacity: Int) { halfCount = max(1, capacity / 2) }

    /// `nil` for a token that is not known, or was verified with other keys.
    mutating func finding(for digest: [UInt8], version: UInt64) -> Finding? {
        turn(to: version)
        if let finding = young[digest] { return finding }
        guard let finding = old[digest] else { return nil }
        insert(finding, for: digest, version: version)
        return finding
    }

    /// A finding that was made with older keys than those known by now is not kept.
    mutating func insert(_ finding: Finding, for digest: [UInt8], version: UInt64) {
        turn(to: version)
        guard version == self.version else { return }
        if young.count >= halfCount {
            old = young
            young = [:]
        }
        young[digest] = finding
    }

    mutating func remove(_ digest: [UInt8]) {
        young[digest] = nil
        old[digest] = nil
    }

    var count: Int { young.count + old.count }

    private mutating func turn(to version: UInt64) {
        guard version > self.version else { return }
        self.version = version
        young = [:]
        old = [:]
    }
}
