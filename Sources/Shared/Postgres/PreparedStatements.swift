/// Which statements one session has prepared, and with which parameter types.
struct PreparedStatements {
    struct Entry: Equatable {
        let serverName: String
        let sql: String
        /// 0 where only null was bound so far.
        let types: [UInt32]
        var isPrepared = false
    }

    /// Entries by statement name; several when one name is used with different texts or types.
    private var entries: [String: [Entry]] = [:]
    private var sequence = 0
    private(set) var count = 0

    /// A program has as many statements as its source names; more than this means that SQL is being generated.
    static let maxCount = 1_000

    var isFull: Bool { count >= Self.maxCount }

    /// The prepared entry these types can be bound to, or a new one that still has to be prepared. Null fits any type.
    mutating func entry(for statement: Statement, types: [UInt32]) -> Entry {
        let known = entries[statement.name] ?? []
        if let match = known.first(where: { $0.isPrepared && $0.sql == statement.sql && Self.fits(types, $0.types) }) {
            return match
        }
        // Types learnt by an earlier call fill this call's nulls, so that the next call fits.
        let similar = known.last { $0.sql == statement.sql && Self.mergeable(types, $0.types) }
        let merged = similar.map { zip(types, $0.types).map { $0 == 0 ? $1 : $0 } } ?? types
        sequence += 1
        return Entry(serverName: "\(statement.name.prefix(40))_\(sequence)", sql: statement.sql, types: merged)
    }

    /// The server has it now.
    mutating func confirm(_ entry: Entry, of statement: Statement) {
        var entry = entry
        entry.isPrepared = true
        entries[statement.name, default: []].append(entry)
        count += 1
    }

    mutating func forgetAll() {
        entries.removeAll()
        count = 0
    }

    private static func fits(_ types: [UInt32], _ prepared: [UInt32]) -> Bool {
        types.count == prepared.count && zip(types, prepared).allSatisfy { $0 == 0 || $0 == $1 }
    }

    private static func mergeable(_ types: [UInt32], _ prepared: [UInt32]) -> Bool {
        types.count == prepared.count && zip(types, prepared).allSatisfy { $0 == 0 || $1 == 0 || $0 == $1 }
    }
}
