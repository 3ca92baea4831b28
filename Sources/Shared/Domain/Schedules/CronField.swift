/// The values that one column of a cron expression admits.
struct CronField: Sendable, Equatable, CustomStringConvertible {
    let unit: CronUnit
    /// Bit n stands for value n.
    private(set) var bits: UInt64 = 0
    /// It was written with a `*`, also one with a step. Vixie cron counts such a field as not restricted, which decides
    /// how the two day fields combine and how a job meets a clock change.
    private(set) var isStarred = false

    /// - Throws: `InvalidCron`, naming the unit.
    init(_ text: Substring, unit: CronUnit) throws(InvalidCron) {
        self.unit = unit
        for item in text.split(separator: ",", omittingEmptySubsequences: false) { try insert(item) }
        // Every hour is every hour, however it is spelled. Day fields keep their spelling: it decides how they combine.
        if isFull, unit != .dayOfMonth, unit != .dayOfWeek { isStarred = true }
    }

    private mutating func insert(_ item: Substring) throws(InvalidCron) {
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let range = try unit.range(parts[0], isStepped: parts.count == 2)
        let step = parts.count == 2 ? try unit.step(parts[1]) : 1
        for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
            bits |= 1 << UInt64(unit == .dayOfWeek ? value % 7 : value)
        }
        if parts[0] == "*" { isStarred = true }
    }

    private var isFull: Bool { bits.nonzeroBitCount == unit.values.count }

    func contains(_ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }

    /// The lowest admitted value that is `value` or more. `nil`: there is none.
    func first(atOrAfter value: Int) -> Int? {
        let rest = bits >> UInt64(value)
        return rest == 0 ? nil : value + rest.trailingZeroBitCount
    }

    /// The shortest of the usual spellings; reading it gives the same field.
    var description: String {
        if isStarred, isFull { return "*" }
        let values = unit.values.filter(contains)
        guard isStarred else { return Self.list(values) }
        // Every starred item holds the lowest value, so some step always fits.
        let step = (1...unit.values.count).first { step in
            stride(from: unit.values.lowerBound, through: unit.values.upperBound, by: step).allSatisfy(contains)
        }
        guard let step else { return Self.list(values) }
        let others = values.filter { !($0 - unit.values.lowerBound).isMultiple(of: step) }
        return "*/\(step)" + (others.isEmpty ? "" : "," + Self.list(others))
    }

    private static func list(_ values: [Int]) -> String {
        if values.count > 2, let step = evenStep(values), step > 1 {
            return "\(values[0])-\(values[values.count - 1])/\(step)"
        }
        var runs: [ClosedRange<Int>] = []
        for value in values {
            if let last = runs.last, last.upperBound + 1 == value {
                runs[runs.count - 1] = last.lowerBound...value
            } else {
                runs.append(value...value)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }

    /// The distance between neighbours, when it is the same everywhere.
    private static func evenStep(_ values: [Int]) -> Int? {
        let steps = Set(zip(values.dropFirst(), values).map { $0 - $1 })
        return steps.count == 1 ? steps.first : nil
    }
}
