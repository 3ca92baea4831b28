/// The parts of a recurrence rule, by the names that RFC 5545 section 3.3.10 gives them.
enum RecurrencePart: String, Sendable, CaseIterable {
    case frequency = "FREQ"
    case interval = "INTERVAL"
    case count = "COUNT"
    case until = "UNTIL"
    case weekStart = "WKST"
    case seconds = "BYSECOND"
    case minutes = "BYMINUTE"
    case hours = "BYHOUR"
    case days = "BYDAY"
    case monthDays = "BYMONTHDAY"
    case yearDays = "BYYEARDAY"
    case weekNumbers = "BYWEEKNO"
    case months = "BYMONTH"
    case positions = "BYSETPOS"

    /// The numbers a part takes, a sign aside; for BYDAY those before the weekday. `nil`: it takes none.
    var numbers: ClosedRange<Int>? {
        switch self {
        case .frequency, .until, .weekStart: nil
        case .interval, .count: 1...999_999_999
        case .seconds: 0...60
        case .minutes: 0...59
        case .hours: 0...23
        case .days, .weekNumbers: 1...53
        case .monthDays: 1...31
        case .yearDays, .positions: 1...366
        case .months: 1...12
        }
    }

    /// Whether a minus counts from the end.
    var isSigned: Bool {
        switch self {
        case .days, .monthDays, .yearDays, .weekNumbers, .positions: true
        default: false
        }
    }

    /// One number of the part.
    func number(_ text: Substring) throws(InvalidRecurrence) -> Int {
        let sign = text.first.flatMap { isSigned && "+-".contains($0) ? $0 : nil }
        guard let numbers, let size = text.utf8.dropFirst(sign == nil ? 0 : 1).decimal, numbers.contains(size) else {
            throw invalid(advice)
        }
        return sign == "-" ? -size : size
    }

    private var advice: String {
        guard let numbers else { return "Write no number." }
        let fromTheEnd = isSigned ? ", or -\(numbers.upperBound) to -\(numbers.lowerBound) from the end" : ""
        return "Values are \(numbers.lowerBound) to \(numbers.upperBound)\(fromTheEnd)."
    }

    func invalid(_ message: String) -> InvalidRecurrence {
        InvalidRecurrence(property: "RRULE", part: rawValue, message: message)
    }
}
