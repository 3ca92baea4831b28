import Foundation

/// One field as a test means it: the text, and by construction what it stands for.
struct IntendedField {
    var text: String
    var values: Set<Int> { didSet { table = Self.table(values) } }
    var isStarred: Bool
    /// `values`, to look up in: the oracle asks some hundred million times.
    private(set) var table: [Bool]

    init(text: String, values: Set<Int>, isStarred: Bool) {
        self.text = text
        self.values = values
        self.isStarred = isStarred
        table = Self.table(values)
    }

    func admits(_ value: Int) -> Bool { table[value] }

    private static func table(_ values: Set<Int>) -> [Bool] { (0..<60).map(values.contains) }
}

/// Five intended fields, and a matcher that looks nothing like the product's.
struct IntendedExpression: CustomStringConvertible {
    var fields: [IntendedField]

    var description: String { fields.map(\.text).joined(separator: " ") }
    var isWildcard: Bool { fields[0].isStarred || fields[1].isStarred }

    func matchesDay(of moment: WallMoment) -> Bool {
        let date = fields[2].admits(moment.day)
        let weekday = fields[4].admits(moment.weekday)
        let day = fields[2].isStarred || fields[4].isStarred ? date && weekday : date || weekday
        return day && fields[3].admits(moment.month)
    }

    func matches(_ moment: WallMoment) -> Bool {
        fields[0].admits(moment.minute) && fields[1].admits(moment.hour) && matchesDay(of: moment)
    }

    static func random(using random: inout SeededRandom) -> IntendedExpression {
        IntendedExpression(fields: [
            field(0...59, starOdds: 0.2, using: &random), field(0...23, starOdds: 0.3, using: &random),
            field(1...31, starOdds: 0.6, using: &random), field(1...12, starOdds: 0.7, using: &random),
            field(0...6, starOdds: 0.6, using: &random),
        ])
    }

    private static func field(
        _ range: ClosedRange<Int>, starOdds: Double, using random: inout SeededRandom
    ) -> IntendedField {
        if Double.random(in: 0..<1, using: &random) < starOdds {
            return IntendedField(text: "*", values: Set(range), isStarred: true)
        }
        var made = item(range, using: &random)
        while Bool.random(using: &random), Bool.random(using: &random) {
            let other = item(range, using: &random)
            made.text += "," + other.text
            made.values.formUnion(other.values)
            made.isStarred = made.isStarred || other.isStarred
        }
        // Written out in full, any field but the two of days is a `*`.
        if ![7, 31].contains(range.count), made.values == Set(range) { made.isStarred = true }
        return made
    }

    private static func item(_ range: ClosedRange<Int>, using random: inout SeededRandom) -> IntendedField {
        let low = Int.random(in: range, using: &random)
        let high = Int.random(in: low...range.upperBound, using: &random)
        let step = Int.random(in: 1...min(range.count, 12), using: &random)
        func every(_ values: ClosedRange<Int>) -> Set<Int> {
            Set(values.filter { ($0 - values.lowerBound) % step == 0 })
        }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return IntendedField(text: "*/\(step)", values: every(range), isStarred: true)
        case 1: return IntendedField(text: "\(low)-\(high)", values: Set(low...high), isStarred: false)
        case 2: return IntendedField(text: "\(low)-\(high)/\(step)", values: every(low...high), isStarred: false)
        case 3: return IntendedField(text: "\(low)/\(step)", values: every(low...range.upperBound), isStarred: false)
        default: return IntendedField(text: "\(low)", values: [low], isStarred: false)
        }
    }
}

/// What a wall clock and the calendar beside it show.
struct WallMoment {
    /// Minutes since the wall's own 1970-01-01 00:00.
    var number: Int
    var minute: Int
    var hour: Int
    var day: Int
    var month: Int
    /// Sunday is 0.
    var weekday: Int

    static let greenwich: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    init(_ instant: Int, calendar: Calendar) throws {
        let date = Date(timeIntervalSince1970: Double(instant))
        var parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .weekday], from: date)
        minute = parts.minute ?? -1
        hour = parts.hour ?? -1
        day = parts.day ?? -1
        month = parts.month ?? -1
        weekday = (parts.weekday ?? 0) - 1
        parts.weekday = nil
        guard let naive = Self.greenwich.date(from: parts) else { throw CocoaError(.formatting) }
        number = Int(naive.timeIntervalSince1970) / 60
    }
}

/// A zone's wall clock over some time, read with Foundation's calendar every quarter of an hour.
struct WallClock {
    static let blockMinutes = 15
    let name: String
    let start: Int
    private(set) var blocks: [WallMoment] = []
    /// Indices of the blocks at which the clock does not go on from the block before, and of those that begin a year.
    private(set) var landmarks: [Int] = []

    init(_ name: String, from first: String, to last: String) throws {
        self.name = name
        guard let zone = TimeZone(identifier: name) else { throw CocoaError(.formatting) }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        start = Int(try utc(first).timeIntervalSince1970)
        let end = Int(try utc(last).timeIntervalSince1970)
        for instant in stride(from: start, to: end, by: Self.blockMinutes * 60) {
            let block = try WallMoment(instant, calendar: calendar)
            if let before = blocks.last {
                let jumps = block.number != before.number + Self.blockMinutes
                if jumps || block.month < before.month { landmarks.append(blocks.count) }
            }
            blocks.append(block)
        }
    }

    func instant(ofBlock index: Int) -> Int { start + index * Self.blockMinutes * 60 }

    /// The start of every minute at which Debian's cron daemon would start the job, had it run all the time: it keeps a
    /// virtual time, which follows the clock unless the clock is set by three hours or less.
    /// (Written with plain loops: without optimisation, iterators take most of the time.)
    func firings(of expression: IntendedExpression) throws -> [Int] {
        let hours = expression.fields[1].table
        let isWildcard = expression.isWildcard
        var found: [Int] = []
        var virtual = blocks[0].number
        var index = 0
        while index < blocks.count {
            defer { index += 1 }
            let block = blocks[index]
            let ahead = block.number - virtual
            let isRepeating = ahead < 0 && ahead >= -180
            if !isRepeating { virtual = block.number + Self.blockMinutes }
            if ahead > 0, ahead <= 180, !isWildcard, try skipped(ahead, before: block, matches: expression) {
                found.append(instant(ofBlock: index))
            }
            guard hours[block.hour], !isRepeating || isWildcard, expression.matchesDay(of: block) else { continue }
            addFirings(in: block, at: instant(ofBlock: index), minutes: expression.fields[0].table, to: &found)
        }
        return found
    }

    private func skipped(
        _ minutes: Int, before block: WallMoment, matches expression: IntendedExpression
    ) throws -> Bool {
        try (block.number - minutes..<block.number).contains { minute in
            expression.matches(try WallMoment(minute * 60, calendar: WallMoment.greenwich))
        }
    }

    private func addFirings(in block: WallMoment, at instant: Int, minutes: [Bool], to found: inout [Int]) {
        var minute = 0
        while minute < Self.blockMinutes {
            // What a gap held may have been made up for at this very minute.
            let tick = instant + minute * 60
            if minutes[block.minute + minute], found.last != tick { found.append(tick) }
            minute += 1
        }
    }
}
